// Owns `oee export`: fills, for spreadsheets and programs.

import type { Client, Order, OrderEvent } from 'oee-client'
import { type Command, read } from '../command.ts'
import { connect } from '../engineClient.ts'
import { EXIT, UsageError } from '../faults.ts'
import { timeOf } from '../orderBody.ts'

const options = {
  format: { type: 'string', value: '<format>', help: 'csv (the default) or jsonl' },
  token: { type: 'string', value: '<token>', help: 'only orders that sell or buy it' },
  since: { type: 'string', value: '<time>', help: 'only orders placed since, as RFC 3339' },
} as const

export const exportFills: Command = {
  usage: 'export [options]',
  examples: [
    ['oee export > fills.csv', 'every fill, the newest order first'],
    ['oee export --since 2026-11-01T00:00:00Z --format jsonl', 'one JSON object per line'],
  ],
  options,
  async run(args, { env, terminal, clock }) {
    const { values } = read(options, args)
    const { format = 'csv', token } = values
    if (format !== 'csv' && format !== 'jsonl') throw new UsageError('--format must be csv or jsonl.')
    const since = timeOf('since', values.since, clock.now()) ?? ''
    const client = await connect(env)
    if (format === 'csv') terminal.print(COLUMNS.join(','))
    for await (const fill of fills(client, since, token)) {
      terminal.print(
        format === 'jsonl' ? JSON.stringify(fill) : COLUMNS.map((name) => cell(fill[name])).join(','),
      )
    }
    return EXIT.ok
  },
}

const COLUMNS = [
  'filledAt',
  'orderId',
  'clientOrderId',
  'parentId',
  'type',
  'tokenIn',
  'amountIn',
  'tokenOut',
  'amountOut',
  'executedPrice',
  'slippageToQuoteBps',
  'networkFeeLamports',
  'slot',
  'signature',
] as const

type Fill = Readonly<Record<(typeof COLUMNS)[number], string | number | null>>

/** Orders whose events are asked for at once. */
const WINDOW = 16

async function* fills(client: Client, since: string, token: string | undefined): AsyncGenerator<Fill> {
  const filter = { status: 'confirmed' as const, ...(token === undefined ? {} : { token }) }
  const asked: Promise<Fill | null>[] = []
  for await (const order of client.list(filter)) {
    if (order.createdAt < since) break
    asked.push(fillOf(client, order))
    if (asked.length < WINDOW) continue
    const fill = await asked.shift()
    if (fill) yield fill
  }
  for (const each of asked) {
    const fill = await each
    if (fill !== null) yield fill
  }
}

/** Null for a plan, whose children have the fills. */
async function fillOf(client: Client, { orderId }: Order): Promise<Fill | null> {
  const order = await client.order(orderId)
  const filled = order.events.findLast(
    (event): event is Extract<OrderEvent, { kind: 'filled' }> => event.kind === 'filled',
  )
  if (filled === undefined) return null
  const { at, amountIn, amountOut, executedPrice, slippageToQuoteBps, networkFeeLamports, slot, signature } =
    filled
  const { clientOrderId = null, parentId = null, type, tokenIn, tokenOut } = order
  return {
    filledAt: at,
    orderId,
    clientOrderId,
    parentId,
    type,
    tokenIn,
    amountIn,
    tokenOut,
    amountOut,
    executedPrice,
    slippageToQuoteBps,
    networkFeeLamports,
    slot,
    signature,
  }
}

/** As RFC 4180 has it; no field begins a formula, because symbols of launched tokens are anyone's choice. */
function cell(value: string | number | null): string {
  const text = String(value ?? '')
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
