// Owns quotes that are followed: one quoting per pair and amount, however many follow it, at a bounded cost.

import type { RouteRequest } from '../../domain/route.ts'
import type { Observe } from '../../observe.ts'
import { type Clock, type Stop, sleep } from '../../timing/clock.ts'
import { whileDue } from '../../timing/whileDue.ts'
import type { HttpDeps } from '../deps.ts'
import { quotesView } from '../views.ts'
import type { GiveMessages, MessageStream, StreamMessage } from './messageStream.ts'

export type LiveQuotesDeps = {
  readonly market: Pick<HttpDeps['market'], 'routeSeen' | 'onSlot'>
  readonly clock: Clock
  readonly observe: Pick<Observe, 'fault'>
}

export type LiveQuotes = {
  /** The quotes for the trade now, and again whenever they change, at most once a slot. */
  follow(trade: RouteRequest): MessageStream
  close(): void
}

/** A trade, however many follow its quotes. */
type Quoted = {
  readonly trade: RouteRequest
  readonly followers: Set<GiveMessages>
  /** What was quoted last, without the slots in it: those change all the time. */
  news: string
  /** The newest; one array for all followers. */
  messages: readonly StreamMessage[] | null
}

/** About a millisecond each. With more trades than a slot has looks, each is quoted less often. */
const LOOKS_PER_SLOT = 100

export function openLiveQuotes({ market, clock, observe }: LiveQuotesDeps): LiveQuotes {
  /** In the order of their last look. */
  const quoted = new Map<string, Quoted>()
  let stopSlots: Stop | null = null
  let isDue = false
  const looking = whileDue(
    () => isDue,
    () => lookAtAll().catch(onFault),
  )
  const onFault = (error: unknown) => observe.fault('market', error)

  function idle(): void {
    stopSlots?.()
    stopSlots = null
  }

  function onSlot(): void {
    isDue = true
    looking.begin()
  }

  async function lookAtAll(): Promise<void> {
    isDue = false
    for (const [key, each] of [...quoted].slice(0, LOOKS_PER_SLOT)) {
      await look(each, market)
      if (quoted.delete(key)) quoted.set(key, each)
      // No other request waits for more than one look.
      await sleep(clock, 0)
    }
  }

  return {
    follow(trade) {
      const key = keyOf(trade)
      let stop: Stop = () => {}
      return {
        stop: () => stop(),
        start(onMessages) {
          const each = quoted.get(key) ?? { trade, followers: new Set(), news: '', messages: null }
          quoted.set(key, each)
          each.followers.add(onMessages)
          stop = () => {
            each.followers.delete(onMessages)
            if (each.followers.size > 0) return
            if (quoted.get(key) === each) quoted.delete(key)
            if (quoted.size === 0) idle()
          }
          stopSlots ??= market.onSlot(onSlot)
          if (each.messages === null) look(each, market).catch(onFault)
          else onMessages(each.messages)
        },
      }
    },
    close: idle,
  }
}

async function look(each: Quoted, market: LiveQuotesDeps['market']): Promise<void> {
  // A market that cannot be read now may be at the next slot.
  const seen = await market.routeSeen(each.trade).catch(() => null)
  if (seen === null) return
  const view = quotesView(each.trade, seen.routing)
  const news = JSON.stringify(view, (key, value) => (key === 'slot' ? undefined : value))
  if (news === each.news) return
  each.news = news
  const at = new Date(seen.at).toISOString()
  const text = JSON.stringify({ ...view, at, slot: seen.slot })
  each.messages = [{ kind: 'quote', text }]
  for (const give of each.followers) give(each.messages)
}

const keyOf = ({ tokenIn, tokenOut, amountIn, slippageBps, constraints }: RouteRequest) =>
  JSON.stringify([tokenIn.mint, tokenOut.mint, String(amountIn), slippageBps, constraints])
