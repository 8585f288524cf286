// Owns `oee place` and `oee preview`: the same order, placed or only looked at.

import type { Preview } from 'oee-client'
import { type Command, type Context, read } from '../command.ts'
import { connect } from '../engineClient.ts'
import { EXIT, type ExitCode } from '../faults.ts'
import { orderOf, terms } from '../orderBody.ts'
import { routeLines } from '../routes.ts'
import { follow } from './follow.ts'

const json = { type: 'boolean', help: 'the answer as JSON' } as const
const key = {
  'idempotency-key': {
    type: 'string',
    value: '<key>',
    help: 'repeats an order that may have been placed: the same key never places two',
  },
} as const

const placeOptions = {
  ...terms,
  ...key,
  'dry-run': { type: 'boolean', help: 'as oee preview: place nothing' },
  watch: { type: 'boolean', short: 'w', help: 'follow it to its end' },
  json,
} as const

export const place: Command = {
  usage: 'place --in <token> --out <token> --amount <decimal> [terms], or place --body <file>',
  examples: [
    ['oee place --in SOL --out USDC --amount 1 --watch', 'sell 1 SOL at the market and follow it to its end'],
    [
      'oee place --type limit --in SOL --out USDC --amount 1 --limit-price 250 --expires 2d',
      'sell it once it pays 250 USDC, within two days',
    ],
    ['oee place --in SOL --out USDC --amount 1 --dry-run', 'what it would get now; places nothing'],
    ['oee place --body order.json', 'any order as the API takes it; - reads standard input'],
  ],
  options: placeOptions,
  notes: `Prints the id of the order once it is durable, on standard output alone.
With --watch it exits with 1 when the order ends without a fill.`,
  async run(args, context) {
    const { values } = read(placeOptions, args)
    const {
      'dry-run': isDryRun,
      watch,
      json: isJson = false,
      'idempotency-key': idempotencyKey,
      ...given
    } = values
    const order = await orderOf(given, context.clock.now(), context.terminal)
    const options = idempotencyKey === undefined ? {} : { idempotencyKey }
    const client = await connect(context.env)
    if (isDryRun === true) return show(await client.preview(order, options), isJson, context)
    const accepted = await client.place(order, options)
    const { terminal } = context
    if (isJson && watch !== true) terminal.print(JSON.stringify(accepted))
    if (!isJson) terminal.say(accepted.summary)
    if (watch === true) return follow(client, accepted.orderId, { isJson }, context)
    if (!isJson) terminal.print(accepted.orderId)
    if (!isJson && terminal.isTty) terminal.say(`Follow it: oee watch ${accepted.orderId}`)
    return EXIT.ok
  },
}

const previewOptions = { ...terms, ...key, json } as const

export const preview: Command = {
  usage: 'preview --in <token> --out <token> --amount <decimal> [terms], or preview --body <file>',
  examples: [
    [
      'oee preview --in SOL --out USDC --amount 1',
      'what the order would be, its route, and what it would get now',
    ],
    ['oee preview --body order.json --json', 'the same for any order, for programs'],
  ],
  options: previewOptions,
  async run(args, context) {
    const { values } = read(previewOptions, args)
    const { json: isJson = false, 'idempotency-key': idempotencyKey, ...given } = values
    const order = await orderOf(given, context.clock.now(), context.terminal)
    const client = await connect(context.env)
    const found = await client.preview(order, idempotencyKey === undefined ? {} : { idempotencyKey })
    return show(found, isJson, context)
  },
}

function show(preview: Preview, isJson: boolean, { terminal }: Context): ExitCode {
  if (isJson) terminal.print(JSON.stringify(preview))
  else {
    for (const line of [preview.summary, ...routeLines(preview, preview.tokenOut, terminal)])
      terminal.print(line)
    if (preview.replayOf !== undefined)
      terminal.say(`The key stands for an order already: ${preview.replayOf}.`)
    for (const { code, detail } of preview.warnings) terminal.say(`Warning: ${detail} (${code}).`)
  }
  return EXIT.ok
}
