// The naive baseline, worker process: one BullMQ job carries one order through all its statuses. Each status is written and
// published as it comes, with its history, and the job keeps its slot until its swap has landed. It trades on the engine's own
// simulated world, so that only the handling of orders is compared. With WORLD=none quotes and swaps cost nothing at all.
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
import pg from 'pg'
import { readConfig } from '../../src/config.ts'
import { simulatedTokens } from '../../src/dex/simulated/market.ts'
import { openSimulatedWorld } from '../../src/dex/simulatedWorld.ts'
import { type BaseUnits, bps, minOut, parseAmount } from '../../src/domain/amount.ts'
import type { SignedSwap } from '../../src/domain/order.ts'
import type { Landing } from '../../src/domain/ports/chain.ts'
import type { Venue } from '../../src/domain/ports/market.ts'
import type { Leg } from '../../src/domain/route.ts'
import type { OrderId, OrderSpec } from '../../src/domain/spec.ts'
import { TokenList } from '../../src/domain/token.ts'
import { simulationOptions } from '../../src/options.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { createSystemRandom, systemClock } from '../../src/timing/system.ts'

const { REDIS_URL = '', PG_CONN = '', CONCURRENCY = '10', WORLD } = process.env
const concurrency = Number(CONCURRENCY)
/** How often to poll swaps without a landing hint. */
const POLL_MS = 400

// A connection for every job that may run, as far as the server's default limit of 100 lets us.
const pool = new pg.Pool({ connectionString: PG_CONN, max: Math.min(concurrency, 60) })
const publisher = new Redis(REDIS_URL)
const tokens = new TokenList(simulatedTokens)

type Order = { orderId: string; tokenIn: string; tokenOut: string; amountIn: string; slippage: number }

/** The better venue, and how to swap there: signing yields the signature, landing the price of the fill. */
type Route = {
  readonly dex: string
  readonly sign: () => Promise<{ txHash: string; land: () => Promise<{ executedPrice: number }> }>
}

async function record(orderId: string, status: string, data: object) {
  await pool.query('insert into order_history (order_id, status, data) values ($1, $2, $3)', [
    orderId,
    status,
    data,
  ])
}

async function setStatus(orderId: string, status: string, data: object = {}) {
  await pool.query('update orders set status = $2, updated_at = now() where id = $1', [orderId, status])
  await record(orderId, status, data)
  await publisher.publish(`order:${orderId}`, JSON.stringify({ orderId, status, ...data }))
}

function specOf({ orderId, tokenIn, tokenOut, amountIn, slippage }: Order): OrderSpec {
  const [sold, bought] = [tokens.find(tokenIn), tokens.find(tokenOut)]
  if (sold === undefined || bought === undefined) throw new Error('unknown token')
  const amount = parseAmount(amountIn, sold.decimals)
  if (typeof amount !== 'bigint') throw new Error('the amount cannot be read')
  return {
    orderId: orderId as OrderId,
    owner: '',
    type: 'market',
    tokenIn: sold,
    tokenOut: bought,
    amountIn: amount,
    slippageBps: bps(slippage * 10_000),
    constraints: {},
    clientOrderId: null,
    parent: null,
    exits: [],
  }
}

/** The venue's best pool for the whole amount. */
async function quote(venue: Venue, { tokenIn, tokenOut, amountIn }: OrderSpec): Promise<Leg | null> {
  const pools = await venue.poolsFor({ mintIn: tokenIn.mint, mintOut: tokenOut.mint, through: [] })
  let best: Leg | null = null
  for (const { pool, program, tokenA, quote } of pools) {
    const quoted = quote(tokenA.mint === tokenIn.mint, amountIn)
    if (quoted.kind === 'refused' || (best !== null && quoted.amountOut <= best.amountOut)) continue
    const amountOut = quoted.amountOut as BaseUnits
    best = { venue: venue.name, pool, program, tokenIn, tokenOut, amountIn, amountOut }
  }
  return best
}

async function openTrading() {
  const sql = openPostgres({
    connectionString: PG_CONN,
    maxConnections: 10,
    onConnectionError: (error) => process.stderr.write(`${error}\n`),
  })
  const onFault = (error: unknown) => void process.stderr.write(`${error}\n`)
  const { chain, venues, close } = await openSimulatedWorld(
    { ...simulationOptions(readConfig({ SIM_SPEED: 'instant' })), onFault },
    { sql, broadcast: noBroadcast, clock: systemClock, random: createSystemRandom() },
  )
  const waiting = new Map<string, () => void>()
  chain.onLanding((signatures) => {
    for (const signature of signatures) waiting.get(signature)?.()
  })

  async function landingOf(spec: OrderSpec, swap: SignedSwap): Promise<Landing> {
    for (;;) {
      const heard = new Promise<void>((resolve) => waiting.set(swap.signature, resolve))
      const [landing] = await chain.landings([{ spec, swap }])
      if (landing !== undefined && landing.kind !== 'unknown') {
        waiting.delete(swap.signature)
        return landing
      }
      await Promise.race([heard, sleep(POLL_MS)])
    }
  }

  async function route(order: Order): Promise<Route> {
    const spec = specOf(order)
    const quotes = await Promise.all(venues.map((venue) => quote(venue, spec)))
    const [leg] = quotes.filter((one) => one !== null).sort((a, b) => (a.amountOut < b.amountOut ? 1 : -1))
    const venue = venues.find(({ name }) => name === leg?.venue)
    if (leg === undefined || venue === undefined) throw new Error('no route')
    return {
      dex: leg.venue,
      async sign() {
        const minAmountOut = minOut(leg.amountOut, spec.slippageBps)
        const swaps = [venue.swapInstruction(leg, minAmountOut)]
        const { swap } = await chain.sign({ ...spec, minAmountOut, swaps })
        return {
          txHash: swap.signature,
          async land() {
            await chain.send(swap)
            const landing = await landingOf(spec, swap)
            if (landing.kind !== 'landed') throw new Error(`the swap was ${landing.kind}`)
            return { executedPrice: Number(landing.fill.amountOut) / Number(spec.amountIn) }
          },
        }
      },
    }
  }

  return { route, close }
}

const nowhere = {
  async route(): Promise<Route> {
    const executedPrice = 1 + (Math.random() - 0.5) * 0.04
    const txHash = randomBytes(32).toString('hex')
    return { dex: 'raydium', sign: async () => ({ txHash, land: async () => ({ executedPrice }) }) }
  },
  close: async () => {},
}

const world = WORLD === 'none' ? nowhere : await openTrading()

async function execute(order: Order) {
  const { orderId } = order
  await setStatus(orderId, 'routing')
  const { dex, sign } = await world.route(order)
  await setStatus(orderId, 'building', { dex })
  const { txHash, land } = await sign()
  await setStatus(orderId, 'submitted', { txHash })
  const { executedPrice } = await land()
  await pool.query(
    `update orders set status = 'confirmed', dex = $2, executed_price = $3, tx_hash = $4, updated_at = now()
     where id = $1`,
    [orderId, dex, executedPrice, txHash],
  )
  await record(orderId, 'confirmed', { txHash, executedPrice })
  const confirmed = { orderId, status: 'confirmed', txHash, executedPrice }
  await publisher.publish(`order:${orderId}`, JSON.stringify(confirmed))
}

const worker = new Worker<Order>('naive-orders', (job) => execute(job.data), {
  connection: new Redis(REDIS_URL, { maxRetriesPerRequest: null }),
  concurrency,
})

worker.on('failed', async (job, error) => {
  if (!job || job.attemptsMade < (job.opts.attempts ?? 1)) return
  await setStatus(job.data.orderId, 'failed', { error: error.message })
})

await worker.waitUntilReady()
process.stdout.write('ready\n')

process.on('SIGTERM', async () => {
  await worker.close()
  await world.close()
  await pool.end()
  process.exit()
})
