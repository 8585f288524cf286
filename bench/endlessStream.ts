// The streams of an engine over an endless log, as a process of its own: no real order fills the buffers of the kernel. GET
// /tell sends to every socket until it is closed, and returns the cost.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { pino } from 'pino'
import { type WebSocket, WebSocketServer } from 'ws'
import { localUser } from '../src/domain/access.ts'
import type { KeyRing } from '../src/domain/ports/keys.ts'
import type { OrderStore } from '../src/domain/ports/orders.ts'
import type { GiveMessages } from '../src/http/streams/messageStream.ts'
import { openSockets } from '../src/http/streams/sockets.ts'
import { createObserve } from '../src/observe.ts'
import type { Clock } from '../src/timing/clock.ts'
import { createFairTurns } from '../src/timing/fairTurns.ts'

const EVENT_BYTES = 8_000
const MAX_EVENTS = 20_000

const clock: Clock = {
  now: Date.now,
  after(ms, fn) {
    const timer = setTimeout(fn, ms)
    return () => clearTimeout(timer)
  },
}
const observe = createObserve(pino({ level: 'silent' }), clock)
const keys = { isCurrent: () => true } as Partial<KeyRing> as KeyRing
const turns = createFairTurns(setImmediate)
const sockets = openSockets({ store: {} as OrderStore, keys, clock, observe, turns, newId: () => 'none' })
const listeners = new Map<WebSocket, GiveMessages>()

function follow(socket: WebSocket): void {
  sockets.follow(
    socket,
    {
      stop: () => {},
      start: (onMessages) => void listeners.set(socket, onMessages),
    },
    localUser,
  )
}

/** Sends to all sockets until none is open. */
async function tellAll(): Promise<object> {
  globalThis.gc?.()
  const before = process.memoryUsage()
  let events = 0
  const isAnyOpen = () => [...listeners.keys()].some((socket) => socket.readyState === socket.OPEN)
  for (; events < MAX_EVENTS && isAnyOpen(); events++) {
    // As of so many orders: what waits for one socket waits for no other, and shares no memory with it.
    for (const give of listeners.values()) {
      give([{ kind: 'routed', text: JSON.stringify({ seq: events, quotes: 'x'.repeat(EVENT_BYTES) }) }])
    }
    // The next event waits until this one is written, and the kernel has taken its part.
    for (let i = 0; i < 12; i++) await turn()
  }
  const buffered = [...listeners.keys()].map((socket) => socket.bufferedAmount)
  globalThis.gc?.()
  return {
    events,
    closed: [...listeners.keys()].filter((socket) => socket.readyState !== socket.OPEN).length,
    bufferedMax: Math.max(...buffered),
    grownBytes: process.memoryUsage().rss - before.rss,
  }
}

const server = createServer(async (_request, response) => response.end(JSON.stringify(await tellAll())))
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', follow)
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening on ${(server.address() as AddressInfo).port}\n`)
})
