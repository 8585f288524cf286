// How soon an order's trigger is durable after the change of price that fires it, among a thousand changes a second: a process
// of its own.
import { setTimeout as sleep } from 'node:timers/promises'
import { seeded } from '../../test/support/routablePools.ts'
import { compositionOf, MOST_MOVE, timesOfTarget } from './book.ts'
import { openEngine } from './engine.ts'
import { at, createMarket } from './market.ts'
import { atRate, type Spread, spreadOf, untilQuiet } from './pace.ts'

export type Promptness = {
  /** Milliseconds from when the change was announced, and from when it was due, until the trigger was durable. */
  readonly announced: Spread
  readonly due: Spread
  readonly fired: number
}
export type PromptnessRun = { readonly dataDir: string; readonly orders: number; readonly seconds: number }

const CHANGES_PER_SECOND = 1_000
const FIRES_PER_SECOND = 20
const WARM_UP_SECONDS = 2
/** A price that has crossed a limit stays there for so long. */
const STAYS_MS = 600
/** Less than half a step between two orders. */
const MOST_WHILE_IT_STAYS = 0.0001
const SETTLE_MS = 2_000

const { dataDir, orders, seconds }: PromptnessRun = JSON.parse(process.argv[2] ?? '')
const market = createMarket()
const next = seeded(3)

/** A pair, and the orders on it that wait for one change each. */
type Target = {
  readonly pair: number
  readonly targets: number
  fired: number
  /** About which the price moves, and until when: it is back at 1 afterwards. */
  times: number
  staysUntil: number
  /** When the change that fires an order was due, and announced, until its trigger is durable. */
  change: { readonly dueAt: number; readonly announcedAt: number } | null
}

const targets = compositionOf(market, orders).targets.flatMap((onSide): Target[] => {
  const [first] = onSide
  if (first === undefined) return []
  return [{ pair: first.side.pair, targets: onSide.length, fired: 0, times: 1, staysUntil: 0, change: null }]
})
const byMint = new Map(market.sides.map(({ tokenIn, pair }) => [tokenIn.mint, pair]))
const targetOf = (mint: string) => targets.find(({ pair }) => pair === byMint.get(mint))
const engine = await openEngine(dataDir, market)
await engine.loaded
await untilQuiet(engine)

const [sinceAnnounced, sinceDue]: [number[], number[]] = [[], []]
engine.onEvent = ({ kind }, { spec }) => {
  if (kind !== 'triggered') return
  const now = performance.now()
  const target = targetOf(spec.tokenIn.mint)
  if (!target?.change) throw new Error(`an order fired that no change was to fire: ${spec.orderId}`)
  sinceAnnounced.push(now - target.change.announcedAt)
  sinceDue.push(now - target.change.dueAt)
  target.change = null
}

let calls = 0
/** Moves one pair; every so many calls, beyond the price of its next order. */
function change(dueAt: number): void {
  const now = performance.now()
  const target = at(targets, calls % targets.length)
  const fires = calls % (CHANGES_PER_SECOND / FIRES_PER_SECOND) === 0
  calls += 1
  if (now > target.staysUntil) target.times = 1
  if (fires && target.fired < target.targets && target.times === 1) {
    target.times = timesOfTarget(target.fired)
    target.fired += 1
    target.staysUntil = now + STAYS_MS
    target.change = { dueAt, announcedAt: now }
    market.show(target.pair, market.stateAt(target.pair, target.times))
  } else {
    const most = target.times === 1 ? MOST_MOVE : MOST_WHILE_IT_STAYS
    market.show(target.pair, market.stateAt(target.pair, target.times + most * (2 * next() - 1)))
  }
  market.announce([target.pair])
}

await atRate(CHANGES_PER_SECOND, WARM_UP_SECONDS, change)
await sleep(SETTLE_MS)
const [warm, firedBefore] = [sinceAnnounced.length, targets.reduce((sum, { fired }) => sum + fired, 0)]
await atRate(CHANGES_PER_SECOND, seconds, change)
await sleep(SETTLE_MS)
const late = targets.filter((target) => target.change !== null).length
if (late > 0) throw new Error(`${late} orders did not fire`)
const fired = targets.reduce((sum, target) => sum + target.fired, 0) - firedBefore
await engine.close()
const promptness: Promptness = {
  announced: spreadOf(sinceAnnounced.slice(warm)),
  due: spreadOf(sinceDue.slice(warm)),
  fired,
}
process.stdout.write(`${JSON.stringify(promptness)}\n`)
