// Owns what befalls a schedule: a flat list of incidents drawn from a seed, so that each can be left out of a failure's
// story while all others stay what they were.
import type { KeyQuotas } from '../../src/domain/quotas.ts'
import { tokenCalled } from '../support/orders.ts'
import { ORDER_AMOUNT } from './amounts.ts'
import { type Ask, askOf } from './asks.ts'
import { type Chance, seeded } from './chance.ts'
import { familyAskOf } from './familyAsks.ts'
import { type LaunchAsk, launchesIn, sniperAskOf } from './sniperAsks.ts'

/** `late`: the writer is told that nobody knows, and it is written afterwards. */
export type WriteFate = 'refused' | 'unanswered' | 'late'
export type RingFate = 'twice' | 'everybody' | 'late' | 'lost' | 'refused' | 'taken, but reports an error'
export type QuoteFate = 'refuses' | 'is down' | 'is silent' | 'is slow' | 'lies' | 'pays nothing'
export type SendFate = 'is late' | 'vanishes' | 'lands, but reports an error' | 'fails'
/** The slots by which the node lags that answers, or that it does not answer. */
export type NodeFate = number | 'no answer'

/** What becomes of the n-th call of each kind, counted over all processes; what is not named goes well. */
export type Fates = {
  readonly write: WriteFate
  readonly read: 'refused'
  readonly ring: RingFate
  readonly quote: QuoteFate
  readonly send: SendFate
  readonly node: NodeFate
  /** Between processes. */
  readonly hint: 'lost'
  /** A look at the trading switch. */
  readonly look: 'refused'
}

type Fate = {
  [K in keyof Fates]: { readonly kind: K; readonly call: number; readonly fate: Fates[K] }
}[keyof Fates]

/** The order that a client changes; `child`: not that one but one of its children, if it has any yet. */
export type Whom = { readonly order: number; readonly child: number | null; readonly via: number }

/** Times are milliseconds from the start. */
export type Incident =
  | Fate
  /** `tries`: how often the client asks until it hears that the order is taken. */
  | {
      readonly kind: 'place'
      readonly at: number
      readonly order: number
      readonly via: number
      readonly tries: number
    }
  | ({ readonly kind: 'cancel'; readonly at: number } & Whom)
  | {
      readonly kind: 'crash'
      readonly at: number
      readonly process: number
      readonly forMs: number
      readonly ghosts: boolean
    }
  | { readonly kind: 'pause'; readonly at: number; readonly process: number; readonly forMs: number }
  | { readonly kind: 'jump'; readonly at: number; readonly process: number; readonly byMs: number }
  /** No process reaches the store. */
  | { readonly kind: 'outage'; readonly at: number; readonly forMs: number }
  /** The last blocks are undone; what stood in them may land again. */
  | { readonly kind: 'fork'; readonly at: number; readonly blocks: number; readonly again: boolean }
  | { readonly kind: 'price'; readonly at: number; readonly bps: number }
  /** An order is paused, and resumed afterwards. */
  | ({ readonly kind: 'pause order'; readonly at: number; readonly forMs: number } & Whom)
  /** An order that waits for a price is given another one. */
  | ({ readonly kind: 'amend'; readonly at: number; readonly bps: number } & Whom)
  | LaunchAsk
  /** Trading is halted, and released again. */
  | { readonly kind: 'halt'; readonly at: number; readonly forMs: number }

export type Plan = {
  readonly seed: number
  readonly orders: number
  readonly skewsMs: readonly number[]
  /** Whether anybody may halt trading, so that processes look whether somebody has. */
  readonly halts: boolean
  /** Those of the key that places the orders; null when it has none. */
  readonly limits: KeyQuotas | null
  /** Whether orders rest before they start, by a trigger of the schedule's own. */
  readonly rests: boolean
  /** What each order asks for. */
  readonly asks: readonly Ask[]
  readonly incidents: readonly Incident[]
}

/** Within this time all incidents happen; afterwards every order must come to its end. */
export const EVENTFUL_MS = 10_000
/** But for a last move of the price: whatever has died, stood still or was away by then must not have it missed. */
const AFTERMATH_MS = 8_000
/** Blocks that a fork undoes at most; further back all is final. */
const MAX_FORK = 3

const MAX_ORDERS = 4
/** The number of the last child that a client may change, and one. */
const MAX_CHILDREN = 6
const MAX_SKEW_MS = 4_000
/** Of all schedules: in which trading may be halted, the key has limits, and orders rest. */
const HALTING_SHARE = 0.2
const LIMITED_SHARE = 0.3
const RESTING_SHARE = 0.2
/** Of the others: in which orders wait for prices, in which they have children, and in which they wait for launches. */
const PRICED_SHARE = 0.35
const FAMILY_SHARE = 0.35
const SNIPER_SHARE = 0.15
const SHARES = PRICED_SHARE + FAMILY_SHARE + SNIPER_SHARE
/** A slice is signed no later than this after the end of its plan. */
const SLICE_GRACE_MS = 10_000
/** Tries after which every fate is used up. */
const MAX_TRIES = 8

const fates: { readonly [K in keyof Fates]: readonly [Fates[K], ...Fates[K][]] } = {
  write: ['refused', 'unanswered', 'late'],
  read: ['refused'],
  ring: ['twice', 'everybody', 'late', 'lost', 'refused', 'taken, but reports an error'],
  quote: ['refuses', 'is down', 'is silent', 'is slow', 'lies', 'pays nothing'],
  send: ['is late', 'vanishes', 'lands, but reports an error', 'fails'],
  node: ['no answer', 1, 2, 4, 12],
  hint: ['lost'],
  look: ['refused'],
}

/** So many calls of each kind may go wrong. */
const FATEFUL_CALLS = 24

/** A seed says how much goes wrong in each respect: all in some, little in most. */
export function planOf(seed: number): Plan {
  const chance = seeded(seed, 'plan')
  const orders = chance.between(1, MAX_ORDERS)
  const processes = chance.pick([1, 2, 2, 2, 3, 3])
  const skewsMs = Array.from({ length: processes }, () => chance.between(-MAX_SKEW_MS, MAX_SKEW_MS))
  const when = () => chance.below(EVENTFUL_MS)
  const some = (most: number, make: () => Incident) => Array.from({ length: chance.below(most + 1) }, make)
  const process = () => chance.below(processes)

  const incidents: Incident[] = []
  for (let order = 0; order < orders; order++) {
    const at = chance.below(EVENTFUL_MS / 3)
    const tries = chance.next() < 0.3 ? 1 : MAX_TRIES
    incidents.push({ kind: 'place', at, order, via: process(), tries })
    // The same request again, at once or later, to this process or another.
    const again = () => at + chance.below(chance.next() < 0.5 ? 20 : 3_000)
    incidents.push(...some(2, () => ({ kind: 'place', at: again(), order, via: process(), tries })))
    if (chance.next() < 0.25) {
      incidents.push({ kind: 'cancel', at: at + chance.below(1_500), order, child: null, via: process() })
    }
  }
  incidents.push(
    ...some(3, () => ({
      kind: 'crash',
      at: when(),
      process: process(),
      forMs: chance.between(10, 4_000),
      ghosts: chance.next() < 0.5,
    })),
    ...some(2, () => ({ kind: 'pause', at: when(), process: process(), forMs: chance.between(500, 9_000) })),
    ...some(1, () => ({ kind: 'jump', at: when(), process: process(), byMs: chance.between(-6_000, 6_000) })),
    ...some(1, () => ({ kind: 'outage', at: when(), forMs: chance.between(100, 3_000) })),
    ...some(3, () => ({
      kind: 'fork',
      at: when(),
      blocks: chance.between(1, MAX_FORK),
      again: chance.next() < 0.5,
    })),
    ...some(10, () => ({ kind: 'price', at: when(), bps: chance.between(-250, 250) })),
  )
  const halts = chance.next() < HALTING_SHARE
  if (halts) {
    incidents.push(...some(2, () => ({ kind: 'halt', at: when(), forMs: chance.between(100, 5_000) })))
  }
  for (const kind of Object.keys(fates) as (keyof Fates)[]) incidents.push(...fatesOf(kind, chance))
  const limits = limitsOf(chance)
  const rests = chance.next() < RESTING_SHARE
  const kind = chance.next()
  const isPriced = !rests && kind < PRICED_SHARE
  const isFamily = !rests && !isPriced && kind < PRICED_SHARE + FAMILY_SHARE
  const isSniped = !rests && kind >= PRICED_SHARE + FAMILY_SHARE && kind < SHARES
  const ask = (): Ask => {
    if (isPriced) return askOf(chance)
    if (isFamily) return familyAskOf(chance)
    return isSniped ? sniperAskOf(chance) : { type: 'market' }
  }
  const asks = Array.from({ length: orders }, ask)
  if (isPriced) incidents.push(...changesOf(asks, processes, chance))
  if (isFamily || isSniped)
    incidents.push(...changesOf(asks, processes, chance), ...childrenChanges(asks, processes, chance))
  if (isSniped) incidents.push(...launchesIn(EVENTFUL_MS, chance))
  const overEnds = haltsOverEnds(asks, seeded(seed, 'halts over ends'))
  incidents.push(...overEnds)
  return { seed, orders, skewsMs, halts: halts || overEnds.length > 0, limits, rests, asks, incidents }
}

/** Prices that move further, and what clients change meanwhile. */
function changesOf(asks: readonly Ask[], processes: number, chance: Chance): Incident[] {
  const when = () => chance.below(EVENTFUL_MS)
  const some = (most: number, make: () => Incident) => Array.from({ length: chance.below(most + 1) }, make)
  const on = () => ({
    at: when(),
    order: chance.below(asks.length),
    child: null,
    via: chance.below(processes),
  })
  return [
    ...some(8, () => ({ kind: 'price', at: when(), bps: chance.between(-500, 500) })),
    ...some(2, () => ({ kind: 'pause order', ...on(), forMs: chance.between(100, 5_000) })),
    ...some(2, () => ({ kind: 'amend', ...on(), bps: chance.between(-300, 300) })),
    ...some(1, () => ({
      kind: 'price',
      at: EVENTFUL_MS + chance.below(AFTERMATH_MS),
      bps: chance.between(-500, 500),
    })),
  ]
}

/** What clients do to parents late, and to their children at any time. */
function childrenChanges(asks: readonly Ask[], processes: number, chance: Chance): Incident[] {
  const some = (most: number, make: () => Incident) => Array.from({ length: chance.below(most + 1) }, make)
  const on = () => ({
    at: chance.below(EVENTFUL_MS),
    order: chance.below(asks.length),
    child: chance.below(MAX_CHILDREN),
    via: chance.below(processes),
  })
  // While a slice is on its way.
  const amidSlices = asks.flatMap((ask, order): Incident[] => {
    if (ask.type !== 'twap' || chance.next() < 0.5) return []
    const due = ask.startsAt + (ask.durationMs / ask.slices) * chance.below(ask.slices)
    return [{ ...on(), kind: 'cancel', at: Math.floor(due) + chance.below(1_000), order, child: null }]
  })
  return [
    ...amidSlices,
    ...some(1, () => ({ kind: 'cancel', ...on(), child: null })),
    ...some(2, () => ({ kind: 'cancel', ...on() })),
    ...some(2, () => ({ kind: 'pause order', ...on(), forMs: chance.between(100, 5_000) })),
    ...some(2, () => ({ kind: 'amend', ...on(), bps: chance.between(-300, 300) })),
  ]
}

/** Halts that begin while a slice is on its way, and last until it would come too late. */
function haltsOverEnds(asks: readonly Ask[], chance: Chance): Incident[] {
  return asks.flatMap((ask): Incident[] => {
    if (ask.type !== 'twap' || chance.next() < 0.7) return []
    const end = ask.startsAt + ask.durationMs
    const due = ask.startsAt + (ask.durationMs / ask.slices) * chance.below(ask.slices)
    const at = Math.floor(due) + chance.below(1_000)
    const forMs = end + SLICE_GRACE_MS - at + chance.between(500, 3_000)
    return at < EVENTFUL_MS ? [{ kind: 'halt', at, forMs }] : []
  })
}

function limitsOf(chance: Chance): KeyQuotas | null {
  if (chance.next() >= LIMITED_SHARE) return null
  const perDay = { [tokenCalled('A').mint]: String(ORDER_AMOUNT * BigInt(chance.between(1, 3)) + 1n) }
  return {
    ...(chance.next() < 0.5 ? { ordersPerMinute: chance.between(1, 3) } : {}),
    ...(chance.next() < 0.5 ? { openOrders: chance.between(1, 2) } : {}),
    ...(chance.next() < 0.5 ? { perDay } : {}),
  }
}

function fatesOf<K extends keyof Fates>(kind: K, chance: Chance): Fate[] {
  const share = chance.next() ** 2 * 0.6
  const found: Fate[] = []
  for (let call = 0; call < FATEFUL_CALLS; call++) {
    if (chance.next() < share) found.push({ kind, call, fate: chance.pick(fates[kind]) } as Fate)
  }
  return found
}

/** Tells the fate of each call of a kind, in the order of the calls; null when it goes well. */
export function fatesIn({ incidents }: Plan): <K extends keyof Fates>(kind: K) => Fates[K] | null {
  const given = new Map<string, Fates[keyof Fates]>()
  const calls = new Map<string, number>()
  for (const incident of incidents) {
    if ('fate' in incident) given.set(`${incident.kind} ${incident.call}`, incident.fate)
  }
  return <K extends keyof Fates>(kind: K) => {
    const call = calls.get(kind) ?? 0
    calls.set(kind, call + 1)
    if (call >= FATEFUL_CALLS) return null
    return (given.get(`${kind} ${call}`) as Fates[K] | undefined) ?? null
  }
}
