// Owns `oee ls` and `oee show`.

import type { Client, Order, OrderFilter, OrderStatus } from 'oee-client'
import { type Command, read } from '../command.ts'
import { connect, count } from '../engineClient.ts'
import { EXIT } from '../faults.ts'
import { table } from '../terminal.ts'
import { lineOf, orderColumns, orderRow, paintStatus, waitingText } from '../timeline.ts'
import { filterOf, filterOptions } from './filter.ts'

const MOST = 1_000_000
const OPEN: readonly OrderStatus[] = ['pending', 'routing', 'building', 'submitted']

const lsOptions = {
  ...filterOptions,
  open: { type: 'boolean', help: 'only open orders' },
  resting: { type: 'boolean', help: 'only those that wait for a price or a time' },
  limit: { type: 'string', short: 'n', value: '<n>', help: 'how many at most; default 20' },
  json: { type: 'boolean', help: 'one JSON object per line' },
} as const

export const ls: Command = {
  usage: 'ls [options]',
  examples: [
    ['oee ls', 'the newest 20 orders'],
    ['oee ls --open --token SOL', 'what is open and sells or buys SOL'],
    [
      "oee ls --status failed --limit 1000 --json | jq -r '.failure.code' | sort | uniq -c",
      'why orders failed',
    ],
  ],
  options: lsOptions,
  async run(args, { env, terminal }) {
    const { values } = read(lsOptions, args)
    const most = count('limit', values.limit, MOST) ?? 20
    const filter: OrderFilter = { ...filterOf(values), ...(values.resting === true ? { resting: true } : {}) }
    const client = await connect(env)
    const orders = await (values.open === true
      ? openOrders(client, filter, most)
      : newest(client, filter, most))
    if (values.json === true) for (const order of orders) terminal.print(JSON.stringify(order))
    else if (orders.length === 0) terminal.say('No orders.')
    else terminal.print(table([orderColumns, ...orders.map((order) => orderRow(order, terminal))]))
    return EXIT.ok
  },
}

async function newest(client: Client, filter: OrderFilter, most: number): Promise<readonly Order[]> {
  const orders: Order[] = []
  for await (const order of client.list(filter)) {
    orders.push(order)
    if (orders.length === most) break
  }
  return orders
}

/** Of each open status the newest: closed orders, of which there may be any number, are not read. */
async function openOrders(client: Client, filter: OrderFilter, most: number): Promise<readonly Order[]> {
  const wanted = filter.status === undefined ? OPEN : OPEN.filter((status) => status === filter.status)
  const found = await Promise.all(wanted.map((status) => newest(client, { ...filter, status }, most)))
  // An order may have moved on between two answers.
  const byId = new Map(found.flat().map((order) => [order.orderId, order]))
  return [...byId.values()].toSorted((one, other) => (one.orderId < other.orderId ? 1 : -1)).slice(0, most)
}

const showOptions = { json: { type: 'boolean', help: 'the order with its events, as JSON' } } as const

export const show: Command = {
  usage: 'show <id> [options]',
  examples: [
    [
      'oee show 01a207b9-ca92-7195-91cf-eaba8959c2b5',
      'the order, why it waits, its children and its timeline',
    ],
    ["oee show 01a207b9-ca92-7195-91cf-eaba8959c2b5 --json | jq '.events[-1]'", 'its last event'],
  ],
  options: showOptions,
  async run(args, { env, terminal }) {
    const { values, positionals } = read(showOptions, args, ['id of an order'])
    const [id = ''] = positionals
    const order = await (await connect(env)).order(id)
    if (values.json === true) {
      terminal.print(JSON.stringify(order))
      return EXIT.ok
    }
    const { events, waiting, children = [], status, summary, endReason } = order
    const from = Date.parse(order.createdAt)
    const rows = [
      ['order', order.orderId],
      ['status', `${paintStatus(status, terminal)}${endReason === undefined ? '' : ` (${endReason})`}`],
      ['summary', summary],
      ...(waiting === undefined ? [] : [['waiting', waitingText(waiting)]]),
      ...(order.clientOrderId === undefined ? [] : [['client id', order.clientOrderId]]),
    ]
    terminal.print(table(rows))
    terminal.print('')
    for (const event of events) terminal.print(lineOf(event, Date.parse(event.at) - from, terminal))
    if (children.length > 0) {
      terminal.print(`\n${table([orderColumns, ...children.map((child) => orderRow(child, terminal))])}`)
    }
    return EXIT.ok
  },
}
