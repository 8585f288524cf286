// Owns the candles of a market: those that were there, then each change, without a gap over lost connections.

import type { ReadonlySignal } from '@preact/signals'
import type { Candle, Client } from 'oee-client'
import { type Live, openLive } from '../live.ts'
import type { Market } from '../model/pair.ts'

export type Interval = '1s' | '1m'
export type CandleQuestion = Market & { readonly interval: Interval }

const LENGTH_MS: Readonly<Record<Interval, number>> = { '1s': 1_000, '1m': 60_000 }
/** As many as the engine keeps: an hour of seconds, a day of minutes. */
const MOST: Readonly<Record<Interval, number>> = { '1s': 3_600, '1m': 1_440 }

export type Candles = {
  /** The question that they answer, as JSON. */
  readonly of: string
  /** The oldest first. */
  readonly list: readonly Candle[]
}

/** `question`: a CandleQuestion as JSON; null while there is nothing to ask about. */
export const openCandles = (client: Client, question: ReadonlySignal<string | null>): Live<Candles> =>
  openLive<CandleQuestion, Candles>(question, (asked, options) => follow(client, asked, options))

async function* follow(
  client: Client,
  { base, quote, interval }: CandleQuestion,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<Candles> {
  const asked: CandleQuestion = { base, quote, interval }
  const of = JSON.stringify(asked)
  const read = async () => (await client.candles(asked, { signal })).candles
  let list = await read()
  yield { of, list }
  for await (const candle of client.watchCandles(asked, { signal })) {
    const last = list.at(-1)
    const since = last === undefined ? 0 : Date.parse(candle.at) - Date.parse(last.at)
    if (since < 0) continue
    // Candles in between were missed: they are asked for.
    if (since > LENGTH_MS[interval]) list = await read()
    else list = [...(since === 0 ? list.slice(0, -1) : list.slice(1 - MOST[interval])), candle]
    yield { of, list }
  }
}

/** How far the last close is from the first open, in bps. */
export function changeBps({ list }: Candles): number | null {
  const [first, last] = [Number(list[0]?.open), Number(list.at(-1)?.close)]
  return first > 0 && last > 0 ? (last / first - 1) * 10_000 : null
}
