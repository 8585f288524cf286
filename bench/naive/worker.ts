// The naive baseline, worker process: one BullMQ job carries one order through all its statuses. Each status is written and
// published as it comes, with the history that the brief asks for, and the job keeps its slot until the swap is through.
import { randomBytes } from 'node:crypto'
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
import pg from 'pg'

const { REDIS_URL = '', PG_CONN = '', CONCURRENCY = '10' } = process.env
const concurrency = Number(CONCURRENCY)

// A connection for every job that may run, as far as the server's default limit of 100 lets us.
const pool = new pg.Pool({ connectionString: PG_CONN, max: Math.min(concurrency, 60) })
const publisher = new Redis(REDIS_URL)

type Order = { orderId: string; tokenIn: string; tokenOut: string; amountIn: string; slippage: number }
type Quote = { dex: string; price: number; fee: number }

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

/** Venues answer at once: every wait of the usual shape (200 ms a quote, 2-3 s a swap) is left out, in its favor. */
async function quote(dex: string, fee: number): Promise<Quote> {
  return { dex, price: 1 + (Math.random() - 0.5) * 0.04, fee }
}

/** The chain is simulated here too: what lands is written down, as the engine's simulated chain does. */
async function swap(route: Quote, order: Order) {
  const txHash = randomBytes(32).toString('hex')
  await pool.query('insert into ledger (tx_hash, order_id, dex, price) values ($1, $2, $3, $4)', [
    txHash,
    order.orderId,
    route.dex,
    route.price,
  ])
  return { txHash, executedPrice: route.price, dex: route.dex, order }
}

async function execute(order: Order) {
  const { orderId } = order
  await setStatus(orderId, 'routing')
  const [raydium, meteora] = await Promise.all([quote('raydium', 0.003), quote('meteora', 0.002)])
  const route = raydium.price * (1 - raydium.fee) >= meteora.price * (1 - meteora.fee) ? raydium : meteora
  await setStatus(orderId, 'building', { dex: route.dex })
  await setStatus(orderId, 'submitted')
  const { txHash, executedPrice } = await swap(route, order)
  await pool.query(
    `update orders set status = 'confirmed', dex = $2, executed_price = $3, tx_hash = $4, updated_at = now()
     where id = $1`,
    [orderId, route.dex, executedPrice, txHash],
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
  await pool.end()
  process.exit()
})
