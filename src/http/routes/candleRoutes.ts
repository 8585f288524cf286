// Owns the routes of candles.

import { type Interval, intervals } from '../../domain/candles.ts'
import type { Pair } from '../../domain/route.ts'
import type { Routes } from '../app.ts'
import type { HttpDeps } from '../deps.ts'
import { denied, type FieldError, Problem } from '../problems.ts'
import { readPair } from '../requests/orderRequest.ts'
import { ProblemBody } from '../schemas/apiSchemas.ts'
import { CandleStreamQuery, CandlesQuery, CandlesView } from '../schemas/marketSchemas.ts'
import type { MessageStream } from '../streams/messageStream.ts'
import { candleView } from '../views.ts'
import { addStreamRoute, type Carriers } from './streamRoutes.ts'

export function candleRoutes(app: Routes, { candles, tokens }: HttpDeps['market'], carriers: Carriers): void {
  const config = { access: 'read' } as const

  app.get(
    '/api/candles',
    {
      config,
      schema: {
        summary: 'Open, high, low and close of the executable mid of a pair, as this process has seen it.',
        querystring: CandlesQuery,
        response: { 200: CandlesView, '4xx': ProblemBody, '5xx': ProblemBody },
      },
    },
    async ({ query }) => {
      const pair = readCandlePair(query)
      const { interval } = query
      const limit = Number(query.limit ?? intervals[interval].kept)
      const all = await readCandles(pair, interval, limit)
      const [base, quote] = [pair.tokenIn.symbol, pair.tokenOut.symbol]
      return { base, quote, interval, candles: all.map(candleView) }
    },
  )

  addStreamRoute(
    app,
    {
      url: '/api/candles/stream',
      summary: 'The newest candle of a pair, again whenever it changes, at most once a slot.',
      querystring: CandleStreamQuery,
      async open(query) {
        const pair = readCandlePair(query)
        await readCandles(pair, query.interval, 1)
        return streamOf(candles, pair, query.interval)
      },
    },
    carriers,
  )

  /** Throws a Problem for two tokens that are no pair. */
  function readCandlePair({ base, quote }: CandleStreamQuery): Pair {
    const errors: FieldError[] = []
    const pair = readPair(base, quote, tokens, errors, ['base', 'quote'])
    if (pair === null) throw denied(errors)
    return pair
  }

  /** Throws a Problem where no pool trades the pair. */
  async function readCandles(pair: Pair, interval: Interval, limit: number) {
    const found = await candles.read(pair, interval, limit)
    if (found === null) throw new Problem('no_such_pool')
    return found
  }
}

/** Without ids: what a client has missed it reads from the list. */
function streamOf(candles: HttpDeps['market']['candles'], pair: Pair, interval: Interval): MessageStream {
  let stop = () => {}
  return {
    stop: () => stop(),
    start(onMessages) {
      stop = candles.follow(pair, interval, (candle) => {
        onMessages([{ kind: 'candle', text: JSON.stringify(candleView(candle)) }])
      })
    },
  }
}
