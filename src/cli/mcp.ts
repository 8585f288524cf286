// Owns the MCP server: the engine's calls as tools of an agent, over stdio. What the agent may do is what its key may.

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import { type Client, OeeError, type OrderEvent, type OrderRequest } from 'oee-client'
import { z } from 'zod'
import { orderTypes } from '../domain/spec.ts'
import type { Clock } from '../timing/clock.ts'
import type { Random } from '../timing/random.ts'
import { createPreviews } from './previews.ts'

export type McpDeps = { readonly clock: Clock; readonly random: Random; readonly version: string }

const LISTED_AT_MOST = 50
const WATCHED_AT_MOST_S = 60

const Id = z.string().describe('The id of the order.')
const Token = z.string().describe('Symbol or mint address; see the tool quote for whether a pair trades.')
const Amount = z.string().describe('In units of tokenIn, as a plain decimal such as "2.5".')

const Order = z
  .looseObject({
    type: z.enum(orderTypes.filter((type) => type !== 'timeStop')),
    tokenIn: Token,
    tokenOut: Token,
    amountIn: Amount,
  })
  .describe(
    'The order as POST /api/orders/execute takes it: beside these slippageBps, limitPrice, trigger, exits, legs, slices and so on, by type.',
  )

const INSTRUCTIONS = `Trades on Solana DEXs through an order execution engine. An order is placed in two steps: preview it, show the summary
and the warnings, and place it with the token of the preview. A place that fails may be repeated with the same token: it never
trades twice. An order that is placed goes on by itself; watch and explain report on it.`

/** Serves until the agent closes its end. */
export async function runMcp(client: Client, deps: McpDeps): Promise<void> {
  const server = new McpServer({ name: 'oee', version: deps.version }, { instructions: INSTRUCTIONS })
  addMarketTools(server, client)
  addPlacingTools(server, client, deps)
  addOrderTools(server, client)
  server.registerTool('watch', WATCH, ({ orderId, after, seconds }, { signal }) =>
    answer(() => eventsUntil(client, { orderId, after, seconds, signal }, deps.clock)),
  )
  const closed = new Promise<void>((resolve) => {
    server.server.onclose = resolve
  })
  const transport = new StdioServerTransport()
  await server.connect(transport)
  // The SDK's transport does not end with its input.
  process.stdin.once('end', () => void server.close())
  await closed
}

function addMarketTools(server: McpServer, client: Client): void {
  server.registerTool(
    'quote',
    {
      description:
        'What each venue would pay now, and the route that an order would take. Nothing is reserved.',
      inputSchema: { tokenIn: Token, tokenOut: Token, amountIn: Amount },
      annotations: { readOnlyHint: true },
    },
    (request, { signal }) => answer(() => client.quote(request, { signal })),
  )
}

/** Only what was previewed is placed. The token is the idempotency key too: a repeat is the same order. */
function addPlacingTools(server: McpServer, client: Client, { random }: McpDeps): void {
  const previews = createPreviews(random)
  server.registerTool(
    'preview',
    {
      description:
        'What placing an order would do and get now, with warnings, and the token that place needs.',
      inputSchema: { order: Order },
      annotations: { readOnlyHint: true },
    },
    ({ order }, { signal }) =>
      answer(async () => {
        // The engine checks it: all that it denies is named.
        const request = order as unknown as OrderRequest
        const preview = await client.preview(request, { signal })
        return { token: previews.keep(request), ...preview }
      }),
  )
  server.registerTool(
    'place',
    {
      description: 'Places the order that was previewed. Real trades cannot be undone.',
      inputSchema: { token: z.string().describe('From the answer of preview.') },
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
    },
    ({ token }, { signal }) =>
      answer(() => {
        const order = previews.find(token)
        if (order === undefined)
          throw new OeeError('preview_needed', 'No preview has this token: preview first.')
        return client.place(order, { idempotencyKey: token, signal })
      }),
  )
}

function addOrderTools(server: McpServer, client: Client): void {
  server.registerTool(
    'cancel',
    {
      description: 'Cancels an order whose swap is not submitted yet.',
      inputSchema: { orderId: Id },
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
    },
    ({ orderId }, { signal }) => answer(() => client.cancel(orderId, { signal })),
  )
  server.registerTool(
    'list',
    {
      description: `The newest orders of the key, at most ${LISTED_AT_MOST}.`,
      inputSchema: {
        status: z
          .enum(['pending', 'routing', 'building', 'submitted', 'confirmed', 'failed', 'canceled', 'expired'])
          .optional(),
        token: Token.optional(),
      },
      annotations: { readOnlyHint: true },
    },
    ({ status, token }, { signal }) =>
      answer(async () => {
        const filter = {
          ...(status === undefined ? {} : { status }),
          ...(token === undefined ? {} : { token }),
        }
        const orders = []
        for await (const order of client.list(filter, { signal })) {
          orders.push(order)
          if (orders.length === LISTED_AT_MOST) break
        }
        return { orders }
      }),
  )
  server.registerTool(
    'explain',
    {
      description:
        'An order with all its events: what it waits for and how far off that is, why it failed, what it got.',
      inputSchema: { orderId: Id },
      annotations: { readOnlyHint: true },
    },
    ({ orderId }, { signal }) => answer(() => client.order(orderId, { signal })),
  )
}

const WATCH = {
  description:
    'The events of an order behind `after`, until it ends or the time is over. Call it again with the last seq to go on.',
  inputSchema: {
    orderId: Id,
    after: z.number().int().min(0).default(0).describe('The last seq that you have seen.'),
    seconds: z.number().int().min(1).max(WATCHED_AT_MOST_S).default(20),
  },
  annotations: { readOnlyHint: true },
} as const

type Watch = {
  readonly orderId: string
  readonly after: number
  readonly seconds: number
  readonly signal: AbortSignal
}

async function eventsUntil(client: Client, { orderId, after, seconds, signal }: Watch, clock: Clock) {
  const messages = client.watch(orderId, { after, signal })
  const events: OrderEvent[] = []
  const stop = clock.after(seconds * 1_000, () => void messages.return?.())
  try {
    for await (const event of messages) events.push(event)
  } finally {
    stop()
  }
  return { events }
}

/** A tool's result, or an error that the agent can act on. */
async function answer(call: () => Promise<object>): Promise<CallToolResult> {
  try {
    return { content: [{ type: 'text', text: JSON.stringify(await call()) }] }
  } catch (error) {
    if (!(error instanceof OeeError)) throw error
    const { code, message, status, errors, requestId, retryAfterMs, isAmbiguous } = error
    const fault = { code, message, status, errors, requestId, retryAfterMs, isAmbiguous }
    return { isError: true, content: [{ type: 'text', text: JSON.stringify(fault) }] }
  }
}
