// Owns the AsyncAPI document: the streams, their carriers, and each message by its kind, from the schemas of the answers.

import type { TSchema } from 'typebox'
import type { PublicAddress } from '../edge/publicAddress.ts'
import {
  AllOrdersQuery,
  CurrentMessage,
  EventsQuery,
  OrderAccepted,
  OrderMessage,
  OrderParams,
  ProblemBody,
  StreamQuery,
} from '../schemas/apiSchemas.ts'
import { eventSchemas, WaitingMessage } from '../schemas/eventSchemas.ts'
import { CandleStreamQuery, CandleView, QuoteMessage, QuoteQuery } from '../schemas/marketSchemas.ts'
import { OrderRequest } from '../schemas/orderSchemas.ts'

type Channel = {
  readonly address: string
  readonly description: string
  readonly parameters?: readonly string[]
  readonly query: TSchema
  /** Names of messages in `components`. */
  readonly gives: readonly string[]
  readonly takes?: readonly string[]
  readonly carriers: readonly ('websocket' | 'sse')[]
}

const events = Object.keys(eventSchemas)
const both = ['websocket', 'sse'] as const

const channels: Readonly<Record<string, Channel>> = {
  order: {
    address: '/api/orders/execute',
    description:
      'With orderId: the events of an order from its first, or behind `after`. Without: the first text frame places an order.',
    query: StreamQuery,
    gives: [...events, 'waiting', 'orderAccepted', 'denied'],
    takes: ['placeOrder'],
    carriers: ['websocket'],
  },
  orderEvents: {
    address: '/api/orders/{id}/events',
    description: 'The events of an order. The id of an event is its seq: Last-Event-ID resumes behind it.',
    parameters: Object.keys(OrderParams.properties),
    query: EventsQuery,
    gives: [...events, 'waiting'],
    carriers: ['sse'],
  },
  orders: {
    address: '/api/orders/stream',
    description:
      'The orders of the key as they are, then every event of each with its cursor. Resumes behind `cursor`, over server-sent events also behind Last-Event-ID.',
    query: AllOrdersQuery,
    gives: ['order', 'current', ...events],
    carriers: both,
  },
  quotes: {
    address: '/api/quotes/stream',
    description: 'The quotes of a pair and amount, again whenever they change, at most once a slot.',
    query: QuoteQuery,
    gives: ['quote'],
    carriers: both,
  },
  candles: {
    address: '/api/candles/stream',
    description: 'The newest candle of a pair, again whenever it changes, at most once a slot.',
    query: CandleStreamQuery,
    gives: ['candle'],
    carriers: both,
  },
}

const payloads: Readonly<Record<string, object>> = {
  ...eventSchemas,
  order: OrderMessage,
  current: CurrentMessage,
  waiting: WaitingMessage,
  quote: QuoteMessage,
  candle: CandleView,
  placeOrder: OrderRequest,
  orderAccepted: OrderAccepted,
  denied: {
    type: 'object',
    required: ['error'],
    properties: { error: ProblemBody },
    description: 'The order of the frame was denied; a better one may follow.',
  },
}

const messageRef = (channel: string, name: string) => ({ $ref: `#/channels/${channel}/messages/${name}` })

/** The document as of this address, under which the client has reached us. */
export function asyncApi(title: string, version: string, { scheme, host, prefix }: PublicAddress): object {
  const isSecure = scheme === 'https'
  const server = (protocol: string) => ({ host, protocol, ...(prefix === '' ? {} : { pathname: prefix }) })
  const description =
    'Text frames of one JSON object each. A ping every 20 s. Closes: 1000 the stream has ended, 1001 the process stops, 1008 the key is gone, 1013 the client reads too slowly.'
  return {
    asyncapi: '3.0.0',
    info: { title: `${title}: streams`, version },
    defaultContentType: 'application/json',
    servers: {
      websocket: { ...server(isSecure ? 'wss' : 'ws'), description },
      sse: {
        ...server(isSecure ? 'https' : 'http'),
        description: 'text/event-stream: the event is the kind of the message. A comment every 20 s.',
      },
    },
    channels: Object.fromEntries(
      Object.entries(channels).map(([name, channel]) => [name, channelOf(channel)]),
    ),
    operations: Object.fromEntries(
      Object.entries(channels).flatMap(([name, each]) => operationsOf(name, each)),
    ),
    components: {
      messages: Object.fromEntries(
        Object.entries(payloads).map(([name, payload]) => [name, { name, payload: plain(payload) }]),
      ),
    },
  }
}

function channelOf({ address, description, parameters = [], query, gives, takes = [], carriers }: Channel) {
  return {
    address,
    description,
    ...(parameters.length === 0
      ? {}
      : {
          parameters: Object.fromEntries(parameters.map((name) => [name, { description: 'Of an order.' }])),
        }),
    servers: carriers.map((name) => ({ $ref: `#/servers/${name}` })),
    ...(carriers.includes('websocket') ? { bindings: { ws: { method: 'GET', query: plain(query) } } } : {}),
    messages: Object.fromEntries(
      [...gives, ...takes].map((name) => [name, { $ref: `#/components/messages/${name}` }]),
    ),
  }
}

const operationsOf = (name: string, { gives, takes = [] }: Channel): [string, object][] => {
  const channel = { $ref: `#/channels/${name}` }
  const ways = [
    ['send', gives],
    ['receive', takes],
  ] as const
  return ways.flatMap(([action, names]): [string, object][] =>
    names.length === 0
      ? []
      : [[`${action}.${name}`, { action, channel, messages: names.map((each) => messageRef(name, each)) }]],
  )
}

/** JSON Schema alone: what the schema library adds to it, and what only OpenAPI knows, is left out. */
const plain = (schema: object): object =>
  JSON.parse(JSON.stringify(schema, (key, value) => (key === 'discriminator' ? undefined : value)))
