// The stream of all orders gives its client no more than it takes, and goes on where that was. Time stands still unless it is
// moved.
import { expect, test, vi } from 'vitest'
import type { LoggedEvent } from '../../src/domain/eventCodec.ts'
import type { AllEvents, CommittedEvent, Position } from '../../src/domain/ports/allEvents.ts'
import { StoreUnavailable } from '../../src/domain/ports/sql.ts'
import type { HttpDeps } from '../../src/http/deps.ts'
import { prepareAllOrders } from '../../src/http/streams/allOrdersStream.ts'
import type { StreamMessage } from '../../src/http/streams/messageStream.ts'
import { manualClock } from '../support/manualClock.ts'
import { newId } from '../support/orders.ts'

const filter = { owner: 'local', status: null, mint: null, clientOrderId: null, type: null, parentId: null }
const order = {
  owner: 'local',
  type: 'market',
  mintIn: 'A',
  mintOut: 'B',
  parentId: null,
  clientOrderId: null,
} as const
const START: Position = { commit: 1n, events: 0 }

/** An event of about 2 KB, in a commit of its own. */
function entryAt(seq: number): CommittedEvent {
  const data = JSON.stringify({ quotes: 'x'.repeat(2_000) })
  const event: LoggedEvent = {
    orderId: newId(),
    seq,
    kind: 'routed',
    status: 'building',
    attempt: 1,
    at: 0,
    data,
    wire: null,
  }
  return { event, order, position: { commit: BigInt(seq), events: 1 } }
}

/** A stream over so many events that are stored already. */
async function streamOf(count: number, faults = 0) {
  const clock = manualClock()
  const entries = Array.from({ length: count }, (_, i) => entryAt(i + 1))
  let faultsLeft = faults
  const allEvents: AllEvents = {
    head: async () => START,
    ceiling: async () => START,
    reaches: async () => true,
    async read(after) {
      if (faultsLeft-- > 0) throw new StoreUnavailable('not now')
      const rest = entries.filter(
        ({ position }) => position.commit > after.commit || position.events > after.events,
      )
      const part = rest.slice(0, 50)
      return { entries: part, next: part.at(-1)?.position ?? after }
    },
    listen: () => () => {},
  }
  const deps = { orders: { store: { allEvents } }, clock } as unknown as HttpDeps
  const pace = async (part: () => void) => part()
  const stream = await prepareAllOrders(deps, pace, { filter, after: START })
  const given: StreamMessage[] = []
  const taken: (() => void)[] = []
  const onSlow = vi.fn()
  stream.start(
    (messages, onTaken) => {
      given.push(...messages)
      if (onTaken !== undefined) taken.push(onTaken)
    },
    () => {},
    onSlow,
  )
  const takeAll = async () => {
    for (let next = taken.shift(); next !== undefined; next = taken.shift()) {
      next()
      await new Promise(setImmediate)
    }
  }
  return { clock, stream, given, takeAll, onSlow }
}

const settled = () => new Promise(setImmediate)
const seqsOf = (given: readonly StreamMessage[]) => given.flatMap(({ text }) => JSON.parse(text).seq ?? [])

test('a client that takes nothing is given 16 KB and is closed on after ten seconds', async () => {
  const { clock, given, onSlow, stream } = await streamOf(1_000)
  await settled()
  const size = given.reduce((sum, { text }) => sum + text.length, 0)
  expect(size).toBeGreaterThan(8_000)
  expect(size).toBeLessThanOrEqual(16_384)
  clock.advance(9_999)
  expect(onSlow).not.toHaveBeenCalled()
  clock.advance(1)
  expect(onSlow).toHaveBeenCalledOnce()
  stream.stop()
})

test('one that takes what it is given gets everything, each once and in order, and then the cursor', async () => {
  const { given, takeAll, onSlow, stream } = await streamOf(1_000)
  await settled()
  await takeAll()
  expect(seqsOf(given)).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1))
  expect(given.at(-1)).toMatchObject({ kind: 'current' })
  expect(onSlow).not.toHaveBeenCalled()
  stream.stop()
})

test('a client that leaves is given nothing more', async () => {
  const { given, takeAll, stream } = await streamOf(1_000)
  await settled()
  const before = given.length
  stream.stop()
  await takeAll()
  expect(given).toHaveLength(before)
})

test('a store that does not answer is asked again, and nothing is missed', async () => {
  const { clock, given, takeAll, stream } = await streamOf(20, 3)
  for (let i = 0; i < 3; i++) {
    await settled()
    expect(given).toEqual([])
    clock.advance(1_000)
  }
  await settled()
  await takeAll()
  expect(seqsOf(given)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
  stream.stop()
})
