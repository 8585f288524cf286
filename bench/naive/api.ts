// The naive baseline, API process: POST → INSERT → one BullMQ job, answered when both are done. Run without arguments; see env below.
import websocket from '@fastify/websocket'
import { Queue } from 'bullmq'
import { fastify } from 'fastify'
import { Redis } from 'ioredis'
import pg from 'pg'
import { v7 as uuid } from 'uuid'
import type { WebSocket } from 'ws'

const { PORT, REDIS_URL = '', PG_CONN = '' } = process.env

const pool = new pg.Pool({ connectionString: PG_CONN, max: 20 })
const connection = new Redis(REDIS_URL, { maxRetriesPerRequest: null })
const queue = new Queue('naive-orders', {
  connection,
  defaultJobOptions: {
    attempts: 3,
    backoff: { type: 'exponential', delay: 1000 },
    removeOnComplete: true,
    removeOnFail: 1000,
  },
})
const subscriber = new Redis(REDIS_URL)
const sockets = new Map<string, WebSocket>()

subscriber.on('message', (channel, message) => {
  const socket = sockets.get(channel)
  if (!socket) return
  socket.send(message)
  const { status } = JSON.parse(message)
  if (status === 'confirmed' || status === 'failed') socket.close(1000)
})

await pool.query(`
  create table if not exists orders (
    id uuid primary key,
    type text not null,
    token_in text not null,
    token_out text not null,
    amount_in numeric not null,
    slippage numeric not null,
    status text not null,
    dex text,
    executed_price numeric,
    tx_hash text,
    error text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  create table if not exists order_history (
    id bigserial primary key,
    order_id uuid not null references orders (id),
    status text not null,
    data jsonb not null default '{}',
    at timestamptz not null default now()
  );
  create index if not exists order_history_order on order_history (order_id)`)

type Body = { type: string; tokenIn: string; tokenOut: string; amountIn: string; slippage: number }
const schema = {
  body: {
    type: 'object',
    required: ['type', 'tokenIn', 'tokenOut', 'amountIn', 'slippage'],
    properties: {
      type: { enum: ['market'] },
      tokenIn: { type: 'string', minLength: 1 },
      tokenOut: { type: 'string', minLength: 1 },
      amountIn: { type: 'string', pattern: '^\\d+(\\.\\d+)?$' },
      slippage: { type: 'number', minimum: 0, maximum: 0.5 },
    },
  },
}

const app = fastify()
await app.register(websocket)

app.post<{ Body: Body }>('/api/orders/execute', { schema }, async (request, reply) => {
  const { type, tokenIn, tokenOut, amountIn, slippage } = request.body
  const orderId = uuid()
  await pool.query(
    `insert into orders (id, type, token_in, token_out, amount_in, slippage, status)
     values ($1, $2, $3, $4, $5, $6, 'pending')`,
    [orderId, type, tokenIn, tokenOut, amountIn, slippage],
  )
  await pool.query(`insert into order_history (order_id, status) values ($1, 'pending')`, [orderId])
  await queue.add('execute', { orderId, tokenIn, tokenOut, amountIn, slippage }, { jobId: orderId })
  return reply.code(201).send({ orderId, status: 'pending', wsUrl: `/api/orders/execute?orderId=${orderId}` })
})

app.get<{ Querystring: { orderId: string } }>(
  '/api/orders/execute',
  { websocket: true },
  async (socket, request) => {
    const { orderId } = request.query
    const channel = `order:${orderId}`
    sockets.set(channel, socket)
    socket.on('close', () => {
      sockets.delete(channel)
      subscriber.unsubscribe(channel)
    })
    await subscriber.subscribe(channel)
    // Events published before the subscription are lost; the row is not.
    const { rows } = await pool.query('select status, tx_hash from orders where id = $1', [orderId])
    const status = rows[0]?.status
    socket.send(JSON.stringify({ orderId, status, txHash: rows[0]?.tx_hash }))
    if (status === 'confirmed' || status === 'failed') socket.close(1000)
  },
)

app.get('/readyz', () => ({ ok: true }))

await app.listen({ host: '127.0.0.1', port: Number(PORT) })

process.on('SIGTERM', async () => {
  await app.close()
  await queue.close()
  await pool.end()
  process.exit()
})
