// Owns `oee watch`: one order until its end, or all orders for as long as it runs.

import { type Command, type Context, read } from '../command.ts'
import { connect, count } from '../engineClient.ts'
import { EXIT, type ExitCode, UsageError } from '../faults.ts'
import { detailOf, paintStatus } from '../timeline.ts'
import { filterOf, filterOptions } from './filter.ts'
import { follow } from './follow.ts'

const MOST_SEQ = 999_999_999

const options = {
  all: { type: 'boolean', help: 'all orders of the key; with the filters below, those that match' },
  ...filterOptions,
  after: { type: 'string', value: '<seq>', help: 'of one order: go on behind this event' },
  cursor: { type: 'string', value: '<cursor>', help: 'of all orders: go on behind this message' },
  json: { type: 'boolean', help: 'each message as one line of JSON' },
} as const

export const watch: Command = {
  usage: 'watch <id> | --all [options]',
  examples: [
    ['oee watch 01a207b9-ca92-7195-91cf-eaba8959c2b5', 'its timeline as it happens, until its last event'],
    ['oee watch --all', 'every event of every order'],
    ['oee watch --all --json | jq -c \'select(.kind == "filled")\'', 'every fill, for a program'],
  ],
  options,
  notes: `It connects again by itself and misses nothing. Of one order it exits with 1 when that ends without a fill;
with --all it runs until Ctrl-C.`,
  async run(args, context) {
    const isAll = args.includes('--all')
    const { values, positionals } = read(options, args, isAll ? [] : ['id of an order, or give --all'])
    const { json: isJson = false, all: _, after: text, cursor, ...given } = values
    const after = count('after', text, MOST_SEQ)
    const [id] = positionals
    if (id === undefined) {
      if (after !== undefined) throw new UsageError('--after is of one order; of all orders it is --cursor.')
      return watchAll(given, cursor, isJson, context)
    }
    if (cursor !== undefined || Object.keys(given).length > 0) {
      throw new UsageError('Filters and --cursor go with --all.')
    }
    return follow(
      await connect(context.env),
      id,
      { isJson, ...(after === undefined ? {} : { after }) },
      context,
    )
  },
}

async function watchAll(
  given: Parameters<typeof filterOf>[0],
  cursor: string | undefined,
  isJson: boolean,
  { env, terminal }: Context,
): Promise<ExitCode> {
  const client = await connect(env)
  const pairs = new Map<string, string>()
  let isCurrent = false
  for await (const message of client.watchAll(filterOf(given), cursor === undefined ? {} : { cursor })) {
    if (isJson) {
      terminal.print(JSON.stringify(message))
      continue
    }
    if (message.kind === 'current') {
      // It comes again from time to time.
      if (!isCurrent) terminal.say(`${pairs.size} orders so far; new events follow.`)
      isCurrent = true
      continue
    }
    if (message.kind === 'order') {
      const { orderId, tokenIn, tokenOut, status, summary, updatedAt } = message.order
      pairs.set(orderId, `${tokenIn}/${tokenOut}`)
      terminal.print(row(updatedAt, orderId, pairs, paintStatus(status, terminal, 9), summary))
      continue
    }
    if (message.kind === 'accepted') pairs.set(message.orderId, `${message.tokenIn}/${message.tokenOut}`)
    if (message.kind === 'triggered' && message.tokenOut !== undefined) {
      const [tokenIn] = (pairs.get(message.orderId) ?? '').split('/')
      pairs.set(message.orderId, `${tokenIn}/${message.tokenOut}`)
    }
    const kind = paintStatus(message.status, {
      ...terminal,
      paint: (style) => terminal.paint(style, message.kind.padEnd(9)),
    })
    terminal.print(row(message.at, message.orderId, pairs, kind, detailOf(message)))
  }
  return EXIT.ok
}

const row = (at: string, id: string, pairs: ReadonlyMap<string, string>, kind: string, detail: string) =>
  `${at.slice(11, 23)}  ${id}  ${(pairs.get(id) ?? '').padEnd(11)}  ${kind}  ${detail}`.trimEnd()
