// Owns `oee cancel` and `oee amend`.

import type { CancelFilter, OrderChanges } from 'oee-client'
import { type Command, type Context, read } from '../command.ts'
import { connect, count } from '../engineClient.ts'
import { CommandFault, EXIT, type ExitCode, UsageError } from '../faults.ts'
import { defined, timeOf } from '../orderBody.ts'
import { filterOf, filterOptions } from './filter.ts'

const json = { type: 'boolean', help: 'the answer as JSON' } as const

const cancelOptions = {
  all: { type: 'boolean', help: 'every open order of the key' },
  ...filterOptions,
  yes: { type: 'boolean', short: 'y', help: 'cancel what fits; without it they are only counted' },
  json,
} as const

export const cancel: Command = {
  usage: 'cancel <id> | --all | <filter> [options]',
  examples: [
    ['oee cancel 01a207b9-ca92-7195-91cf-eaba8959c2b5', 'one order; possible until its swap is submitted'],
    ['oee cancel --token SOL', 'count the open orders that sell or buy SOL'],
    ['oee cancel --token SOL --yes', 'and cancel them'],
  ],
  options: cancelOptions,
  notes: 'It exits with 1 when an order could not be canceled, and with 2 where --yes is missing.',
  async run(args, context) {
    const { values, positionals } = read(
      cancelOptions,
      args,
      isOfOne(args) ? ['id of an order, or a filter, or --all'] : [],
    )
    const { yes = false, json: isJson = false, all, ...given } = values
    const [id] = positionals
    if (id === undefined) {
      const filter = all === true ? { ...filterOf(given), all } : filterOf(given)
      return cancelAll(filter, { yes, isJson }, context)
    }
    if (all === true || Object.keys(given).length > 0)
      throw new UsageError('Name one order, or a filter, not both.')
    const order = await (await connect(context.env)).cancel(id)
    const { terminal } = context
    if (isJson) terminal.print(JSON.stringify(order))
    else terminal.say(`Order ${order.orderId} is ${order.status}.`)
    return EXIT.ok
  },
}

const filterNames = ['--all', ...Object.keys(filterOptions).map((name) => `--${name}`)]
const isOfOne = (args: readonly string[]) =>
  !args.some((arg) => filterNames.includes(arg.split('=')[0] ?? ''))

async function cancelAll(
  filter: CancelFilter,
  { yes, isJson }: { readonly yes: boolean; readonly isJson: boolean },
  { env, terminal }: Context,
): Promise<ExitCode> {
  const client = await connect(env)
  const counted = await client.cancelAll(filter)
  if (!yes) {
    if (isJson) terminal.print(JSON.stringify(counted))
    const message = `${counted.count} open orders fit: repeat it with --yes to cancel them.`
    throw new CommandFault(EXIT.usage, 'not_confirmed', message)
  }
  let [canceled, tooLate] = [0, 0]
  for (let remaining = counted.count; remaining > 0; ) {
    const done = await client.cancelAll(filter, { confirm: counted.token })
    canceled += done.canceled
    tooLate += done.tooLate
    remaining = done.remaining
  }
  if (isJson) terminal.print(JSON.stringify({ canceled, tooLate }))
  else terminal.say(`${canceled} orders are canceled${tooLate === 0 ? '' : `, ${tooLate} were past it`}.`)
  return tooLate === 0 ? EXIT.ok : EXIT.failed
}

const text = (value: string, help: string) => ({ type: 'string', value, help }) as const

const amendOptions = {
  'limit-price': text('<price>', 'a new limit'),
  'trigger-price': text('<price>', 'of stop and takeProfit: a new trigger'),
  'trailing-bps': text('<bps>', 'of trailingStop: a new distance'),
  'activation-price': text('<price>', 'of trailingStop: a new start'),
  amount: text('<decimal>', 'a smaller amount'),
  'slippage-bps': text('<bps>', 'another slippage'),
  expires: text('<when>', 'another end: 2d, or 2027-01-31T00:00:00Z'),
  pause: { type: 'boolean', help: 'let it wait until it is resumed' },
  resume: { type: 'boolean', help: 'let it go on' },
  'if-match': text('<seq>', 'only if this is still its seq'),
  json,
} as const

export const amend: Command = {
  usage: 'amend <id> [options]',
  examples: [
    ['oee amend 01a207b9-ca92-7195-91cf-eaba8959c2b5 --limit-price 260', 'another price'],
    ['oee amend 01a207b9-ca92-7195-91cf-eaba8959c2b5 --pause', 'let it wait; --resume lets it go on'],
  ],
  options: amendOptions,
  async run(args, { env, terminal, clock }) {
    const { values, positionals } = read(amendOptions, args, ['id of an order'])
    const [id = ''] = positionals
    const ifMatch = count('if-match', values['if-match'], 999_999_999)
    const changes = changesOf(values, clock.now())
    const order = await (await connect(env)).amend(id, changes, ifMatch === undefined ? {} : { ifMatch })
    if (values.json === true) terminal.print(JSON.stringify(order))
    else terminal.say(order.paused === true ? `Order ${order.orderId} is paused.` : order.summary)
    return EXIT.ok
  },
}

type Given = { readonly [K in keyof typeof amendOptions]?: string | boolean }

function changesOf(given: Given, now: number): OrderChanges {
  if (given.pause === true && given.resume === true)
    throw new UsageError('Give --pause or --resume, not both.')
  if (given.pause === true) return { state: 'paused' }
  if (given.resume === true) return { state: 'active' }
  const of = (name: keyof Given) => given[name] as string | undefined
  const trigger = defined({
    price: of('trigger-price'),
    trailingBps: count('trailing-bps', of('trailing-bps'), 10_000),
    activationPrice: of('activation-price'),
  })
  const changes = defined({
    limitPrice: of('limit-price'),
    trigger: Object.keys(trigger).length === 0 ? undefined : trigger,
    amountIn: of('amount'),
    slippageBps: count('slippage-bps', of('slippage-bps'), 10_000),
    expiresAt: timeOf('expires', of('expires'), now),
  })
  if (Object.keys(changes).length === 0) throw new UsageError('Name what is to be changed.')
  return changes as OrderChanges
}
