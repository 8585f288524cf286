// Each rule by which runs are judged breaks on a run that was doctored to break it, and on no other.
import { describe, expect, test } from 'vitest'
import { type Broken, checks, judge } from './checks.ts'
import type { Facts, OrderFact, Stored } from './facts.ts'
import type { History, Operation } from './history.ts'

const MINT_IN = 'FrzVvWTW21TnuHoUjfTinit5SBP7QXCTrW9WJTDkZxBy'
const MINT_OUT = '6UGpeLyDDJA8bf431ufZjKV11yCsdZPfd9X7AGBfQWzJ'
const SOL = 'So11111111111111111111111111111111111111112'

const at = (second: number) => `2026-11-25T00:00:0${second}.000Z`

const event = (seq: number, kind: string, status: string, more = {}) => ({
  orderId: 'o1',
  seq,
  kind,
  status,
  attempt: 1,
  at: at(seq),
  ...more,
})

const accepted = event(1, 'accepted', 'pending', { tokenIn: 'A' })
const triggered = event(2, 'triggered', 'routing')
const routed = event(3, 'routed', 'building')
const submitted = event(4, 'submitted', 'submitted', { signature: 's1' })
const filled = event(5, 'filled', 'confirmed', { signature: 's1' })
const EVENTS = [accepted, triggered, routed, submitted, filled]

const ORDER: OrderFact = {
  orderId: 'o1',
  type: 'market',
  amountInBase: '10',
  status: 'confirmed',
  seq: 5,
  createdAt: at(1),
  signature: 's1',
  amountOutBase: '40',
  events: EVENTS,
}
const SWAP = { signature: 's1', orderId: 'o1', amountInBase: '10', amountOutBase: '40', error: null }

const stored: Stored = {
  events: EVENTS.map(({ orderId, seq, kind, at, status: _status, attempt: _attempt, ...data }) => {
    return { orderId, seq, kind, at, data: JSON.stringify(data) }
  }),
  swaps: [
    {
      signature: 's1',
      orderId: 'o1',
      mintIn: MINT_IN,
      mintOut: MINT_OUT,
      amountIn: '10',
      amountOut: '40',
      networkFeeLamports: '7',
      poolFees: [{ mint: MINT_IN, amount: '2' }],
      error: null,
    },
  ],
  slot: 1,
  walletAtFirst: balances({ [MINT_IN]: 100n, [MINT_OUT]: 100n, [SOL]: 5n, lamports: 50n }),
  wallet: balances({ [MINT_IN]: 90n, [MINT_OUT]: 140n, [SOL]: 5n, lamports: 43n }),
  poolsAtFirst: balances({ [MINT_IN]: 1_000n, [MINT_OUT]: 1_000n }),
  pools: balances({ [MINT_IN]: 1_009n, [MINT_OUT]: 960n }),
}

const facts: Facts = { orders: [ORDER], swaps: [SWAP], stored }

function balances(amounts: Readonly<Record<string, bigint>>): ReadonlyMap<string, bigint> {
  return new Map(Object.entries(amounts))
}

const post = (more: object = {}): Operation => {
  return { op: 'post', key: 'k1', startedAt: 0, endedAt: 10, status: 201, code: null, orderId: 'o1', ...more }
}
const read = (more: object = {}): Operation => {
  return { op: 'read', orderId: 'o1', startedAt: 20, endedAt: 21, status: 200, seq: 3, ...more }
}
const message = (event: (typeof EVENTS)[number]): Operation => {
  return { op: 'message', follower: 1, orderId: 'o1', at: event.seq <= 3 ? 12 + event.seq : 25, event }
}
const closed: Operation = { op: 'closed', follower: 1, orderId: 'o1', at: 30, code: 1000 }
const cut: Operation = { ...closed, code: 1006 }

const history: History = [
  post({ status: null, orderId: null }),
  post({ status: 503, orderId: null, code: 'store_unavailable' }),
  post(),
  post(),
  message(accepted),
  cut,
  message(triggered),
  read(),
  read({ status: 503, seq: null }),
  read({ startedAt: 22, endedAt: 23, seq: 5 }),
  message(routed),
  message(submitted),
  message(filled),
  closed,
  { op: 'cancel', orderId: 'o1', startedAt: 40, endedAt: 41, status: 409 },
]

const withOrder = (more: Partial<OrderFact>): Facts => ({ ...facts, orders: [{ ...ORDER, ...more }] })
const withStored = (more: Partial<Stored>): Facts => ({ ...facts, stored: { ...stored, ...more } })
const heard = (...operations: readonly Operation[]) => [post(), ...operations]

test('a run in which all went well breaks no rule', () => {
  expect(judge(history, facts)).toEqual({ orders: 1, lost: 0, doubled: 0, broken: [] })
})

const other = { ...ORDER, orderId: 'o2' }
const cases: readonly (readonly [Broken['rule'], string, History, Facts])[] = [
  [
    'nothingIsLost',
    'an acknowledged order that is gone',
    [post(), post({ key: 'k2', orderId: 'o2' })],
    facts,
  ],
  [
    'everyOrderEnds',
    'an order that is still open',
    history,
    withOrder({ status: 'submitted', seq: 4, events: EVENTS.slice(0, 4) }),
  ],
  [
    'nothingIsDoubled',
    'an order that landed twice',
    history,
    { ...facts, swaps: [SWAP, { ...SWAP, signature: 's2' }] },
  ],
  [
    'noGroupOverTrades',
    'legs that sold more than their parent has bought',
    history,
    {
      ...facts,
      orders: [ORDER, { ...other, parentId: 'o1' }, { ...other, orderId: 'o3', parentId: 'o1' }],
      swaps: [
        SWAP,
        { ...SWAP, orderId: 'o2', amountInBase: '30' },
        { ...SWAP, orderId: 'o3', amountInBase: '11' },
      ],
    },
  ],
  [
    'noGroupOverTrades',
    'slices that sold more than their plan',
    history,
    {
      ...facts,
      orders: [
        { ...ORDER, type: 'twap' },
        { ...other, parentId: 'o1' },
      ],
      swaps: [{ ...SWAP, orderId: 'o2', amountInBase: '11' }],
    },
  ],
  ['logAgreesWithLedger', 'a plan that landed itself', history, withOrder({ type: 'oco' })],
  [
    'logAgreesWithLedger',
    'another amount in the ledger',
    history,
    { ...facts, swaps: [{ ...SWAP, amountOutBase: '41' }] },
  ],
  [
    'logAgreesWithLedger',
    'another amount stored than shown',
    history,
    withStored({ swaps: stored.swaps.map((swap) => ({ ...swap, amountIn: '11' })) }),
  ],
  ['logAgreesWithLedger', 'a confirmed order that did not land', history, { ...facts, swaps: [] }],
  ['logAgreesWithLedger', 'a failed order that landed', history, withOrder({ status: 'failed' })],
  [
    'logAgreesWithLedger',
    'a swap of no order',
    history,
    { ...facts, swaps: [SWAP, { ...SWAP, orderId: 'o9' }] },
  ],
  [
    'logAgreesWithLedger',
    'a reverted swap that nobody signed',
    history,
    { ...facts, swaps: [SWAP, { ...SWAP, signature: 's2', error: {} }] },
  ],
  ['historiesAreWhole', 'a gap', history, withOrder({ events: [accepted, routed, submitted, filled] })],
  [
    'historiesAreWhole',
    'an event that may not follow',
    history,
    withOrder({ events: [accepted, triggered, { ...submitted, seq: 3 }, { ...filled, seq: 4 }], seq: 4 }),
  ],
  [
    'historiesAreWhole',
    'an event after the end',
    history,
    withOrder({ events: [...EVENTS, event(6, 'filled', 'confirmed')], seq: 6 }),
  ],
  [
    'historiesAreWhole',
    'time that goes back',
    history,
    withOrder({ events: [accepted, triggered, routed, submitted, { ...filled, at: at(3) }] }),
  ],
  [
    'historiesAreWhole',
    'a status that is not that of the last event',
    history,
    withOrder({ status: 'canceled' }),
  ],
  ['followersHearTheLog', 'an event told twice', heard(message(accepted), message(accepted)), facts],
  ['followersHearTheLog', 'an event left out', heard(message(accepted), message(routed)), facts],
  ['followersHearTheLog', 'an event told otherwise', heard(message({ ...accepted, attempt: 2 })), facts],
  ['followersHearTheLog', 'an end before the last event', heard(message(accepted), closed), facts],
  [
    'databaseAgrees',
    'an event that is stored otherwise',
    history,
    withStored({ events: stored.events.map((row) => ({ ...row, data: '{}' })) }),
  ],
  ['databaseAgrees', 'an event that is not stored', history, withStored({ events: stored.events.slice(1) })],
  [
    'databaseAgrees',
    'an order that nobody is told of',
    history,
    withStored({ events: [...stored.events, ...stored.events.map((row) => ({ ...row, orderId: 'o3' }))] }),
  ],
  [
    'readsNeverGoBack',
    'a read behind what was read before',
    [post(), read({ seq: 4 }), read({ startedAt: 22, seq: 3 })],
    facts,
  ],
  [
    'readsNeverGoBack',
    'a read behind what a socket has told',
    [...heard(message(accepted), message(triggered), message(routed)), read({ seq: 2 })],
    facts,
  ],
  [
    'readsNeverGoBack',
    'an order that is not found after its 201',
    [post(), read({ status: 404, seq: null })],
    facts,
  ],
  [
    'oneOrderPerKey',
    'two orders under one key',
    [post(), post({ orderId: 'o2' }), post({ key: 'k2', orderId: 'o2' })],
    facts,
  ],
  ['everyOrderWasAskedFor', 'an order under no key', history, { ...facts, orders: [ORDER, other] }],
  [
    'answersAreKept',
    'an answer that means a defect',
    [...history, post({ status: 500, code: 'internal_error' })],
    facts,
  ],
  [
    'answersAreKept',
    'a cancellation that was none',
    [...history, { op: 'cancel', orderId: 'o1', startedAt: 1, endedAt: 2, status: 200 }],
    facts,
  ],
  [
    'walletMovesAsTheLedger',
    'a token that came from nowhere',
    history,
    withStored({ wallet: balances({ ...Object.fromEntries(stored.wallet), [MINT_OUT]: 141n }), slot: 2 }),
  ],
  [
    'walletMovesAsTheLedger',
    'a fee paid twice',
    history,
    withStored({ wallet: balances({ ...Object.fromEntries(stored.wallet), lamports: 36n }) }),
  ],
  [
    'walletMovesAsTheLedger',
    'less than nothing left on the way',
    history,
    withStored({ wallet: balances({ ...Object.fromEntries(stored.wallet), [SOL]: 4n }), slot: 2 }),
  ],
  [
    'tokensAreConserved',
    'a pool that paid more than it had',
    history,
    withStored({ pools: balances({ [MINT_IN]: 1_009n, [MINT_OUT]: 961n }) }),
  ],
  [
    'tokensAreConserved',
    'more gone than the fees',
    history,
    withStored({ pools: balances({ [MINT_IN]: 1_005n, [MINT_OUT]: 960n }) }),
  ],
]

describe('a doctored run breaks the rule', () => {
  for (const [rule, what, doctored, facts] of cases) {
    test(`${rule}: ${what}`, () => {
      expect(judge(doctored, facts).broken.map((broken) => broken.rule)).toContain(rule)
    })
  }

  test('and every rule has such a run', () => {
    expect(new Set(cases.map(([rule]) => rule))).toEqual(new Set(Object.keys(checks)))
  })
})

test('what is lost and what is doubled is counted', () => {
  const gone = [post(), post({ key: 'k2', orderId: 'o2' })]
  const twice = { ...facts, swaps: [SWAP, { ...SWAP, signature: 's2' }] }
  expect(judge(gone, twice)).toMatchObject({ orders: 1, lost: 1, doubled: 1 })
})
