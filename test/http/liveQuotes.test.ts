// Quotes that are followed: quoted once per trade and slot, given only when they change.
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { baseUnits, bps } from '../../src/domain/amount.ts'
import type { RouteRequest } from '../../src/domain/route.ts'
import { openLiveQuotes } from '../../src/http/streams/liveQuotes.ts'
import type { StreamMessage } from '../../src/http/streams/messageStream.ts'
import { manualClock } from '../support/manualClock.ts'

const [A, B] = [
  { symbol: 'A', mint: 'mintA', decimals: 6 },
  { symbol: 'B', mint: 'mintB', decimals: 9 },
]
const tradeOf = (amountIn: bigint): RouteRequest => ({
  tokenIn: A,
  tokenOut: B,
  amountIn: baseUnits(amountIn),
  slippageBps: bps(50),
  constraints: {},
})

/** A market without a route, whose reason is what the test sets; and how often it was quoted. */
function openMarket() {
  const clock = manualClock()
  const market = { detail: 'no pool', slot: 1, isDown: false, looks: 0, isWatched: false }
  let giveSlot = () => {}
  const quotes = openLiveQuotes({
    clock,
    market: {
      async routeSeen() {
        market.looks += 1
        if (market.isDown) throw new Error('the market cannot be read')
        const failure = { code: 'no_route', detail: market.detail } as const
        return { slot: market.slot, at: clock.now(), routing: { kind: 'unroutable', failure, answers: [] } }
      },
      onSlot(listener) {
        giveSlot = listener
        market.isWatched = true
        return () => {
          market.isWatched = false
        }
      },
    },
    observe: {
      fault(_part, error) {
        throw error
      },
    },
  })
  onTestFinished(quotes.close)

  function follow(amountIn = 1n) {
    const messages: StreamMessage[] = []
    const stream = quotes.follow(tradeOf(amountIn))
    stream.start(
      (some) => messages.push(...some),
      () => {},
      () => {},
    )
    return { messages, stop: stream.stop }
  }

  /** Until all that is followed has been looked at. */
  async function slot(looks: number): Promise<void> {
    market.slot += 1
    const before = market.looks
    giveSlot()
    await vi.waitFor(
      () => {
        clock.advance(1)
        expect(market.looks - before).toBe(looks)
      },
      { interval: 1, timeout: 10_000 },
    )
  }
  return { market, follow, slot }
}

const heard = (messages: readonly StreamMessage[], count: number) =>
  vi.waitFor(() => expect(messages).toHaveLength(count))

describe('the quotes of a trade', () => {
  test('are given at once, and again only when they change', async () => {
    const { market, follow, slot } = openMarket()
    const { messages } = follow()
    await heard(messages, 1)
    await slot(1)
    await slot(1)
    expect(messages).toHaveLength(1)
    market.detail = 'no pool any more'
    await slot(1)
    await heard(messages, 2)
    const [first, second] = messages.map(({ text }) => JSON.parse(text))
    expect(first).toMatchObject({ tokenIn: 'A', tokenOut: 'B', amountInBase: '1', slot: 1, route: null })
    expect(second).toMatchObject({ slot: 4, failure: { detail: 'no pool any more' } })
    expect(messages.map(({ kind, id }) => [kind, id])).toEqual([
      ['quote', undefined],
      ['quote', undefined],
    ])
  })

  test('are quoted once for all that follow them; a later follower begins with the last ones', async () => {
    const { market, follow, slot } = openMarket()
    const first = follow()
    await heard(first.messages, 1)
    const later = Array.from({ length: 20 }, () => follow())
    for (const { messages } of later) expect(messages).toEqual(first.messages)
    market.detail = 'changed'
    await slot(1)
    expect(later.map(({ messages }) => messages[1]?.text)).toEqual(later.map(() => first.messages[1]?.text))
  })

  test('of many trades take a hundred looks a slot, and each has its turn', async () => {
    const { market, follow, slot } = openMarket()
    const all = Array.from({ length: 150 }, (_, i) => follow(BigInt(i + 1)))
    for (const { messages } of all) await heard(messages, 1)
    market.detail = 'changed'
    await slot(100)
    await slot(100)
    expect(all.map(({ messages }) => messages.length)).toEqual(all.map(() => 2))
  })

  test('are waited for while the market cannot be read', async () => {
    const { market, follow, slot } = openMarket()
    market.isDown = true
    const { messages } = follow()
    await slot(1)
    expect(messages).toEqual([])
    market.isDown = false
    await slot(1)
    await heard(messages, 1)
  })

  test('cost nothing once nothing follows them', async () => {
    const { market, follow } = openMarket()
    const [one, other] = [follow(1n), follow(2n)]
    expect(market.isWatched).toBe(true)
    one.stop()
    expect(market.isWatched).toBe(true)
    other.stop()
    other.stop()
    expect(market.isWatched).toBe(false)
  })
})
