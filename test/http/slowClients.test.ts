// Clients that do not read, do not answer or do not stop: each costs little and is sent away with the right close code.
// Time stands still unless it is moved.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws'
import { localUser } from '../../src/domain/access.ts'
import type { KeyRing } from '../../src/domain/ports/keys.ts'
import type { OrderStore } from '../../src/domain/ports/orders.ts'
import type { GiveMessages, StreamMessage } from '../../src/http/streams/messageStream.ts'
import { openSockets } from '../../src/http/streams/sockets.ts'
import { openEventStreams } from '../../src/http/streams/sse.ts'
import { createObserve } from '../../src/observe.ts'
import { createFairTurns } from '../../src/timing/fairTurns.ts'
import { manualClock } from '../support/manualClock.ts'
import { newId } from '../support/orders.ts'
import { openRaw } from '../support/rawHttp.ts'

const CAP = 32_768
/** A message of about 8 KB. */
const messageAt = (seq: number): StreamMessage => ({
  kind: 'routed',
  text: JSON.stringify({ seq, quotes: 'x'.repeat(8_000) }),
  id: String(seq),
})

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** Streams whose messages the test gives out. */
function openStreaming() {
  const clock = manualClock()
  const observe = createObserve(pino({ level: 'silent' }), clock)
  let isCurrent = true
  const keys = { isCurrent: () => isCurrent } as Partial<KeyRing> as KeyRing
  const turns = createFairTurns(setImmediate)
  const deps = { store: {} as OrderStore, keys, clock, observe, turns, newId }
  const sockets = openSockets(deps)
  const eventStreams = openEventStreams(deps)
  let give: GiveMessages = () => {}
  const stop = vi.fn()
  const following = {
    stop,
    start(onMessages: GiveMessages) {
      give = onMessages
    },
  }
  const revokeKey = () => {
    isCurrent = false
  }
  return {
    clock,
    sockets,
    eventStreams,
    following,
    stop,
    revokeKey,
    tell: (seq: number) => give([messageAt(seq)]),
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A socket that follows the order, at both its ends. */
async function followed(options: ClientOptions = {}) {
  const streaming = openStreaming()
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  closers.push(() => server.close())
  await once(server, 'listening')
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, options)
  closers.push(() => client.terminate())
  const [[socket]] = await Promise.all([once(server, 'connection'), once(client, 'open')])
  streaming.sockets.follow(socket, streaming.following, localUser)
  const closed = once(client, 'close').then(([code, reason]) => ({ code, reason: String(reason) }))
  return { ...streaming, client, socket: socket as WebSocket, closed }
}

describe('a socket that is not read', () => {
  test('is closed with 1013 once 32 KiB wait for it, and costs no more from then on', async () => {
    const { client, socket, tell, closed, stop } = await followed()
    client.pause()
    let seq = 0
    for (; socket.readyState === WebSocket.OPEN && seq < 10_000; seq++) {
      tell(seq)
      await turn()
      expect(socket.bufferedAmount).toBeLessThan(CAP + 9_000)
    }
    const waiting = socket.bufferedAmount
    expect(waiting).toBeGreaterThan(CAP)
    for (let i = 0; i < 50; i++) tell(seq + i)
    await turn()
    expect(socket.bufferedAmount).toBe(waiting)
    client.resume()
    expect(await closed).toEqual({ code: 1013, reason: 'too slow' })
    await vi.waitFor(() => expect(stop).toHaveBeenCalled())
  })

  test('over server-sent events is cut off', async () => {
    const { eventStreams, following, tell, stop } = openStreaming()
    const server = createServer((_request, response) => eventStreams.follow(response, following, localUser))
    closers.push(() => server.close())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = openRaw(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    closers.push(() => client.destroy())
    client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await once(client, 'data')
    client.pause()
    for (let seq = 0; stop.mock.calls.length === 0 && seq < 10_000; seq++) {
      tell(seq)
      await turn()
    }
    expect(stop).toHaveBeenCalled()
  })
})

describe('a socket that is half open', () => {
  test('is cut off when it has not answered a ping by the next one', async () => {
    const { clock, client, closed, stop } = await followed({ autoPong: false })
    clock.advance(20_000)
    await once(client, 'ping')
    clock.advance(20_000)
    expect((await closed).code).toBe(1006)
    expect(stop).toHaveBeenCalled()
  })

  test('one that answers stays', async () => {
    const { clock, client, socket } = await followed()
    for (let i = 0; i < 5; i++) {
      const answered = once(socket, 'pong')
      clock.advance(20_000)
      await answered
    }
    expect(client.readyState).toBe(WebSocket.OPEN)
  })
})

describe('a stream whose key has gone', () => {
  test('is closed with 1008 within 20 s', async () => {
    const { clock, revokeKey, closed, stop } = await followed()
    revokeKey()
    clock.advance(20_000)
    expect((await closed).code).toBe(1008)
    await vi.waitFor(() => expect(stop).toHaveBeenCalled())
  })

  test('over server-sent events ends within 20 s', async () => {
    const { eventStreams, following, clock, revokeKey, stop } = openStreaming()
    const server = createServer((_request, response) => eventStreams.follow(response, following, localUser))
    closers.push(() => server.close())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    revokeKey()
    clock.advance(20_000)
    await answer.text()
    expect(stop).toHaveBeenCalled()
  })
})

describe('a flood', () => {
  test.each(['ping', 'pong'] as const)(
    'of %ss is closed with 1008 at the twenty-first in a second',
    async (kind) => {
      const { client, closed } = await followed()
      for (let i = 0; i < 1_000; i++) client[kind]()
      expect(await closed).toEqual({ code: 1008, reason: 'too many frames' })
    },
  )

  test('is one only within a second', async () => {
    const { clock, client, socket } = await followed()
    const heard = vi.fn()
    socket.on('ping', heard)
    for (let second = 1; second <= 3; second++) {
      for (let i = 0; i < 20; i++) client.ping()
      await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(20 * second))
      clock.advance(1_000)
    }
    expect([client.readyState, socket.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN])
  })
})

describe('the writes of many streams', () => {
  test('are spread over turns of 200, in order', () => {
    const turns: (() => void)[] = []
    const fair = createFairTurns((run) => turns.push(run))
    const written: number[] = []
    for (let i = 0; i < 450; i++) fair.take(() => written.push(i))
    const counts = [written.length]
    for (let run = turns.shift(); run !== undefined; run = turns.shift()) {
      run()
      if (counts.length === 1) fair.take(() => written.push(450))
      counts.push(written.length)
    }
    expect(counts).toEqual([200, 400, 451, 451])
    expect(written).toEqual(Array.from({ length: 451 }, (_, i) => i))
  })

  test('wait for nothing when there are few', () => {
    const fair = createFairTurns(() => {})
    const write = vi.fn()
    fair.take(write)
    expect(write).toHaveBeenCalledOnce()
  })
})
