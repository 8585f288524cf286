// Owns `oee bench`: a small load on a running engine, through the same client as everything else.

import type { Client } from 'oee-client'
import type { Clock } from '../timing/clock.ts'
import { type Command, type Context, read } from './command.ts'
import { connect, count, keyIn, urlIn } from './engineClient.ts'
import { CommandFault, EXIT } from './faults.ts'
import { terms } from './orderBody.ts'
import { table } from './terminal.ts'
import { isFinal } from './timeline.ts'

const options = {
  orders: { type: 'string', short: 'n', value: '<n>', help: 'how many; default 200' },
  concurrency: { type: 'string', short: 'c', value: '<n>', help: 'how many at once; default 8' },
  in: { ...terms.in, help: 'the token to sell; default A' },
  out: { ...terms.out, help: 'the token to buy; default B' },
  amount: { ...terms.amount, help: 'of each order; default 1' },
  yes: { type: 'boolean', short: 'y', help: 'needed where the engine does not trade in a simulated world' },
  json: { type: 'boolean', help: 'the figures as JSON' },
} as const

export const bench: Command = {
  usage: 'bench [options]',
  examples: [
    ['oee bench', '200 market orders, 8 at once, each followed to its end'],
    ['oee bench --orders 2000 --concurrency 32 --json', 'more of them, for programs'],
  ],
  options,
  notes: `It places real orders, under the key that is set. An engine whose world is not simulated is not
touched without --yes.`,
  async run(args, context) {
    const { values } = read(options, args)
    const { in: tokenIn = 'A', out: tokenOut = 'B', amount: amountIn = '1' } = values
    const orders = count('orders', values.orders, 1_000_000) ?? 200
    const concurrency = count('concurrency', values.concurrency, 256) ?? 8
    if (values.yes !== true) await requireSimulation(context)
    const client = await connect(context.env)
    context.terminal.say(
      `Placing ${orders} orders, ${amountIn} ${tokenIn} for ${tokenOut} each, ${concurrency} at once.`,
    )
    const order = { type: 'market', tokenIn, tokenOut, amountIn } as const
    const result = await load(orders, concurrency, () => once(client, order, context.clock), context.clock)
    report(result, values.json === true, context)
    return result.unfilled === 0 ? EXIT.ok : EXIT.failed
  },
}

/** Only a simulated world has routes that move its market. */
async function requireSimulation({ env }: Context): Promise<void> {
  const key = keyIn(env)
  const url = `${urlIn(env).replace(/\/$/, '')}/openapi.json`
  const answer = await fetch(url, key === null ? {} : { headers: { authorization: `Bearer ${key}` } }).catch(
    () => null,
  )
  if (answer === null) {
    throw new CommandFault(
      EXIT.unreachable,
      'unreachable',
      `The engine cannot be reached at ${urlIn(env)}: start it with "oee start", or set OEE_URL to where it runs`,
    )
  }
  const { paths = {} } = (await answer.json().catch(() => ({}))) as { paths?: object }
  if ('/api/simulation/moves' in paths) return
  throw new CommandFault(
    EXIT.usage,
    'not_confirmed',
    'This engine may trade real funds, and a benchmark places real orders: repeat it with --yes if that is meant.',
  )
}

type Times = { readonly answerMs: number; readonly endMs: number; readonly isFilled: boolean }

async function once(client: Client, order: Parameters<Client['place']>[0], clock: Clock): Promise<Times> {
  const placedAt = clock.now()
  const { orderId } = await client.place(order)
  const answerMs = clock.now() - placedAt
  let status = ''
  for await (const event of client.watch(orderId)) {
    ;({ status } = event)
    if (isFinal(status)) break
  }
  return { answerMs, endMs: clock.now() - placedAt, isFilled: status === 'confirmed' }
}

type Result = ReturnType<typeof resultOf>

async function load(orders: number, concurrency: number, act: () => Promise<Times>, clock: Clock) {
  const all: Times[] = []
  let left = orders
  const startedAt = clock.now()
  const worker = async () => {
    while (left > 0) {
      left -= 1
      all.push(await act())
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, orders) }, worker))
  return resultOf(all, clock.now() - startedAt)
}

function resultOf(all: readonly Times[], ms: number) {
  return {
    orders: all.length,
    unfilled: all.filter(({ isFilled }) => !isFilled).length,
    ordersPerSecond: Math.round((all.length / ms) * 10_000) / 10,
    answerMs: percentiles(all.map(({ answerMs }) => answerMs)),
    endMs: percentiles(all.map(({ endMs }) => endMs)),
  }
}

function percentiles(values: readonly number[]) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) ?? 0 }
}

function report(result: Result, isJson: boolean, { terminal }: Context): void {
  if (isJson) {
    terminal.print(JSON.stringify(result))
    return
  }
  const { orders, unfilled, ordersPerSecond, answerMs, endMs } = result
  const row = (name: string, { p50, p95, p99, max }: typeof answerMs) => [
    name,
    ...[p50, p95, p99, max].map((ms) => `${ms}`),
  ]
  terminal.print(`${orders} orders, ${ordersPerSecond} per second, ${unfilled} not filled`)
  terminal.print(
    table(
      [['ms', 'p50', 'p95', 'p99', 'max'], row('until the answer', answerMs), row('until the end', endMs)],
      [1, 2, 3, 4],
    ),
  )
}
