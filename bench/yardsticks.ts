// What the parts can do alone, measured by programs as small as possible. One process per part: `yardsticks.ts PART [COUNT]`.
import { randomUUID } from 'node:crypto'
import { Queue, Worker } from 'bullmq'
import { fastify } from 'fastify'
import { Redis } from 'ioredis'
import pg from 'pg'
import { WebSocketServer } from 'ws'

const { PORT, REDIS_URL = '', PG_CONN = '' } = process.env
const STATUSES = ['pending', 'routing', 'building', 'submitted', 'confirmed']
const QUEUE = 'yardstick'
const IN_FLIGHT = 64
const JOB_CONCURRENCY = 100
const BATCH = 100
const WRITERS = 4

export type Rate = { readonly perSecond: number }

/** Answers every POST and tells every socket all statuses at once: the most that HTTP, sockets and the load generator allow. */
async function http(): Promise<undefined> {
  const app = fastify()
  const sockets = new WebSocketServer({ noServer: true })
  app.server.on('upgrade', (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (opened) => {
      for (const status of STATUSES) opened.send(JSON.stringify({ status }))
      opened.close(1000)
    }),
  )
  const body = { type: 'object', required: ['type'], properties: { type: { type: 'string' } } }
  app.post('/api/orders/execute', { schema: { body } }, (_request, reply) =>
    reply.code(201).send({ orderId: randomUUID(), status: 'pending' }),
  )
  app.get('/readyz', () => ({ ok: true }))
  await app.listen({ host: '127.0.0.1', port: Number(PORT) })
}

/** Finishes jobs that do nothing. */
async function jobsWork(): Promise<undefined> {
  const connection = new Redis(REDIS_URL, { maxRetriesPerRequest: null })
  const worker = new Worker(QUEUE, async () => undefined, { connection, concurrency: JOB_CONCURRENCY })
  await worker.waitUntilReady()
  process.stdout.write('ready\n')
}

/** Adds `count` jobs one by one, as POSTs would, and waits until another process has finished them all. */
async function jobsAdd(count: number): Promise<Rate> {
  const connection = new Redis(REDIS_URL, { maxRetriesPerRequest: null })
  const queue = new Queue(QUEUE, { connection, defaultJobOptions: { removeOnComplete: true } })
  await queue.waitUntilReady()
  const startedAt = performance.now()
  let toAdd = count
  const add = async () => {
    while (toAdd > 0) {
      toAdd -= 1
      await queue.add('noop', { orderId: toAdd })
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, add))
  while ((await queue.getJobCountByTypes('waiting', 'active')) > 0)
    await new Promise((resolve) => setTimeout(resolve, 10))
  return { perSecond: (1000 * count) / (performance.now() - startedAt) }
}

const TABLE = `
  create table if not exists yardstick (
    order_id uuid, seq int, kind text not null, data jsonb not null, at timestamptz not null default now(),
    primary key (order_id, seq))`
const INSERT = `
  insert into yardstick (order_id, seq, kind, data)
  select * from unnest($1::uuid[], $2::int[], $3::text[], $4::jsonb[])`
const DATA = JSON.stringify({
  tokenIn: 'A',
  tokenOut: 'B',
  amountIn: '1',
  amountInBase: '1000000',
  slippageBps: 500,
})

/** Durable rows in the shape of events (four columns, 100 bytes of JSON) for `seconds`, `batch` to a statement. */
async function inserts(writers: number, batch: number, seconds: number): Promise<Rate> {
  const pool = new pg.Pool({ connectionString: PG_CONN, max: writers })
  await pool.query(TABLE)
  const endAt = performance.now() + 1000 * seconds
  const startedAt = performance.now()
  let rows = 0
  const write = async () => {
    while (performance.now() < endAt) {
      const ids = Array.from({ length: batch }, () => randomUUID())
      const same = <Value>(value: Value) => ids.map(() => value)
      await pool.query({
        name: 'insert',
        text: INSERT,
        values: [ids, same(1), same('accepted'), same(DATA)],
      })
      rows += batch
    }
  }
  await Promise.all(Array.from({ length: writers }, write))
  return { perSecond: (1000 * rows) / (performance.now() - startedAt) }
}

const count = Number(process.argv[3])
const parts: Record<string, () => Promise<Rate | undefined>> = {
  http,
  'jobs-work': jobsWork,
  'jobs-add': () => jobsAdd(count),
  'rows-batched': () => inserts(WRITERS, BATCH, count),
  'rows-single': () => inserts(1, 1, count),
}
const rate = await parts[process.argv[2] ?? '']?.()
if (rate) process.stdout.write(`${JSON.stringify(rate)}\n`, () => process.exit())
