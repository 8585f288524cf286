// Owns the facts about a run: what the engine says in the end over HTTP, and what is in its database.
import { setTimeout as sleep } from 'node:timers/promises'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { startWallet } from '../../src/dex/simulated/ledger.ts'
import { genesis } from '../../src/dex/simulated/listings.ts'
import { programOf, type SimulatedPool } from '../../src/dex/simulated/market.ts'
import {
  allOrders,
  cancelResting,
  ledger,
  type OrderView,
  openOrders,
  orderWithEvents,
  type SwapView,
} from './client.ts'
import type { EventView } from './history.ts'

export type OrderFact = OrderView & { readonly events: readonly EventView[] }

export type StoredEvent = {
  readonly orderId: string
  readonly seq: number
  readonly kind: string
  readonly at: string
  readonly data: string
}

/** An entry of the ledger as stored; amounts are base units as text. */
export type StoredSwap = {
  readonly signature: string
  readonly orderId: string
  readonly mintIn: string
  readonly mintOut: string
  readonly amountIn: string
  readonly amountOut: string
  readonly networkFeeLamports: string
  readonly poolFees: readonly { readonly mint: string; readonly amount: string }[]
  readonly error: object | null
}

/** Base units by mint. */
export type Balances = ReadonlyMap<string, bigint>

export type Stored = {
  /** In the order of their keys. */
  readonly events: readonly StoredEvent[]
  readonly swaps: readonly StoredSwap[]
  /** How far the chain has come. */
  readonly slot: number
  readonly wallet: Balances
  /** The sum over all pools. */
  readonly pools: Balances
  /** The same before the first order. */
  readonly walletAtFirst: Balances
  readonly poolsAtFirst: Balances
}

export type Facts = {
  readonly orders: readonly OrderFact[]
  readonly swaps: readonly SwapView[]
  /** Null when nobody looked. */
  readonly stored: Stored | null
}

const POLL_MS = 50
const PARALLEL = 20
export const CLOSED: readonly string[] = ['confirmed', 'failed', 'canceled', 'expired']

/**
 * What the engine says once no order is open; when patience is at an end, what it says then. `endsResting`: what rests, and comes to
 * rest, is canceled.
 */
export async function factsOf(url: string, patienceMs: number, endsResting = false): Promise<Facts> {
  const orders = await endedOrders(url, patienceMs, endsResting)
  const whole = await inParallel(orders, ({ orderId }) => orderWithEvents(url, orderId))
  return { orders: whole, swaps: await ledger(url), stored: null }
}

async function endedOrders(url: string, patienceMs: number, endsResting: boolean): Promise<OrderView[]> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    while (Date.now() < deadline && (await openOrders(url)).length > 0) {
      if (endsResting) await cancelResting(url)
      await sleep(POLL_MS)
    }
    // An order that changed its status between two lists was in neither.
    const orders = await allOrders(url)
    if (Date.now() >= deadline || orders.every(({ status }) => CLOSED.includes(status))) return orders
  }
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let i = 0; i < items.length; i += PARALLEL) {
    results.push(...(await Promise.all(items.slice(i, i + PARALLEL).map(work))))
  }
  return results
}

type Row = Readonly<Record<string, unknown>>
type Query = (text: string) => Promise<Row[]>

/** What is in a Postgres server. */
export async function storedIn(pgConn: string): Promise<Stored> {
  const client = new pg.Client({ connectionString: pgConn })
  await client.connect()
  try {
    return await readStored(async (text) => (await client.query<Row>(text)).rows)
  } finally {
    await client.end()
  }
}

/** What is in the folder of an engine that has ended. */
export async function storedInFolder(folder: string): Promise<Stored> {
  const db = await PGlite.create(folder)
  try {
    return await readStored(async (text) => (await db.query<Row>(text)).rows)
  } finally {
    await db.close()
  }
}

async function readStored(query: Query): Promise<Stored> {
  const events = await query(
    `select order_id::text as "orderId", seq, kind, at, data from order_events order by order_id, seq`,
  )
  const swaps = await query(
    `select order_id as "orderId", entry::text as entry from simulation.ledger order by number`,
  )
  const [chain] = await query(`select slot::float8 as slot, wallet::text as wallet from simulation.chain`)
  const pools = await query(`select pool::text as pool from simulation.pools`)
  const wallet = JSON.parse(String(chain?.wallet)) as Record<string, string>
  return {
    events: events.map((row) => ({
      orderId: String(row.orderId),
      seq: Number(row.seq),
      kind: String(row.kind),
      at: (row.at as Date).toISOString(),
      data: String(row.data),
    })),
    swaps: swaps.map((row) => JSON.parse(String(row.entry)) as StoredSwap),
    slot: Number(chain?.slot),
    wallet: new Map(Object.entries(wallet).map(([mint, amount]) => [mint, BigInt(amount.slice(0, -1))])),
    pools: sumOf(pools.map(({ pool }) => JSON.parse(String(pool), revive) as SimulatedPool)),
    walletAtFirst: new Map(Object.entries(startWallet())),
    poolsAtFirst: sumOf([...genesis().pools.values()]),
  }
}

/** The chain's own notation: bigint is text with an n behind it, a map is the list of its entries. */
function revive(_key: string, value: unknown): unknown {
  if (typeof value === 'string' && /^-?\d+n$/.test(value)) return BigInt(value.slice(0, -1))
  const isMap = typeof value === 'object' && value !== null && '$map' in value
  return isMap ? new Map(value.$map as [unknown, unknown][]) : value
}

function sumOf(pools: readonly SimulatedPool[]): Balances {
  const sums = new Map<string, bigint>()
  const add = (mint: string, amount: bigint) => sums.set(mint, (sums.get(mint) ?? 0n) + amount)
  for (const pool of pools) {
    const { reserveA, reserveB } = programOf(pool).reserves(pool.state)
    add(pool.tokenA.mint, reserveA)
    add(pool.tokenB.mint, reserveB)
  }
  return sums
}
