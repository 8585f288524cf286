// An order is no longer followed for a client that leaves between its request and its stream.
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { localUser } from '../../src/domain/access.ts'
import type { KeyRing } from '../../src/domain/ports/keys.ts'
import type { OrderStore } from '../../src/domain/ports/orders.ts'
import { prepareFollowing } from '../../src/http/streams/following.ts'
import { openSockets } from '../../src/http/streams/sockets.ts'
import { openEventStreams } from '../../src/http/streams/sse.ts'
import { createObserve } from '../../src/observe.ts'
import { createFairTurns } from '../../src/timing/fairTurns.ts'
import { manualClock } from '../support/manualClock.ts'
import { newId } from '../support/orders.ts'

/** Streams over a store that only follows, and what ends such a following. */
async function prepared() {
  const stop = vi.fn()
  const store = { follow: async () => stop } as Partial<OrderStore> as OrderStore
  const observe = createObserve(pino({ level: 'silent' }), manualClock())
  const keys = { isCurrent: () => true } as Partial<KeyRing> as KeyRing
  const turns = createFairTurns(setImmediate)
  const deps = { store, keys, clock: manualClock(), observe, turns, newId }
  const following = await prepareFollowing(store, { id: newId(), owner: localUser.owner, after: 0 })
  if (following === null) throw new Error('the store follows every order')
  return { sockets: openSockets(deps), eventStreams: openEventStreams(deps), following, stop }
}

test('over server-sent events', async () => {
  const { eventStreams, following, stop } = await prepared()
  const response = new ServerResponse(new IncomingMessage(new Socket()))
  response.destroy()
  eventStreams.follow(response, following, localUser)
  expect(stop).toHaveBeenCalledOnce()
})

test('over a socket', async () => {
  const { sockets, following, stop } = await prepared()
  const socket = new WebSocket('ws://127.0.0.1:1')
  socket.on('error', () => {})
  socket.terminate()
  sockets.follow(socket, following, localUser)
  expect(stop).toHaveBeenCalledOnce()
})
