// Owns `oee quote`: what every pool would pay, and the route that an order would take.

import { type Command, read } from './command.ts'
import { connect, count } from './engineClient.ts'
import { EXIT, UsageError } from './faults.ts'
import { defined, terms } from './orderBody.ts'
import { routeLines } from './routes.ts'

const options = {
  in: terms.in,
  out: terms.out,
  amount: terms.amount,
  'slippage-bps': terms['slippage-bps'],
  venues: terms.venues,
  watch: { type: 'boolean', short: 'w', help: 'again whenever it changes, until Ctrl-C' },
  json: { type: 'boolean', help: 'one JSON object per line' },
} as const

export const quote: Command = {
  usage: 'quote --in <token> --out <token> --amount <decimal> [options]',
  examples: [
    ['oee quote --in SOL --out USDC --amount 10', 'all pools side by side, the route, and why'],
    ['oee quote --in SOL --out USDC --amount 10 --watch', 'and again whenever it changes'],
    ['oee quote --in SOL --out USDC --amount 10 --json | jq -r .route.amountOut', 'the amount alone'],
  ],
  options,
  notes: 'It exits with 1 when there is no route.',
  async run(args, { env, terminal }) {
    const { values } = read(options, args)
    const { in: tokenIn, out: tokenOut, amount: amountIn } = values
    if (tokenIn === undefined || tokenOut === undefined || amountIn === undefined) {
      throw new UsageError('Name --in, --out and --amount.')
    }
    const request = {
      tokenIn,
      tokenOut,
      amountIn,
      ...defined({
        slippageBps: count('slippage-bps', values['slippage-bps'], 10_000),
        venues: values.venues?.split(','),
      }),
    }
    const client = await connect(env)
    const print = (quotes: Awaited<ReturnType<typeof client.quote>>) => {
      if (values.json === true) terminal.print(JSON.stringify(quotes))
      else for (const line of routeLines(quotes, quotes.tokenOut, terminal)) terminal.print(line)
    }
    if (values.watch !== true) {
      const quotes = await client.quote(request)
      print(quotes)
      return quotes.route === null ? EXIT.failed : EXIT.ok
    }
    for await (const quotes of client.watchQuotes(request)) {
      if (values.json !== true) terminal.print(`\n${quotes.at.slice(11, 23)}  slot ${quotes.slot}`)
      print(quotes)
    }
    return EXIT.ok
  },
}
