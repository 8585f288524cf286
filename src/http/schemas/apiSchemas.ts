// Owns the wire: the schemas that validate requests, describe answers, and make /openapi.json.

import Type from 'typebox'
import { statuses } from '../../domain/lifecycle.ts'
import { tradingStates } from '../../domain/roles.ts'
import { orderTypes } from '../../domain/spec.ts'
import { problemTable } from '../problems.ts'
import {
  askedFields,
  EventOfLaterKind,
  eventSchemas,
  FailureView,
  GuardReportView,
  GuardsView,
  open,
  QuoteView,
  RouteView,
  Status,
  Timestamp,
  Uuid,
  WaitingView,
} from './eventSchemas.ts'
import { ClientOrderId, closed, described, TokenName } from './fieldSchemas.ts'

export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String(described('Same key and body: the same order again. Same key, other body: 422.')),
  ),
})

export const IfMatchHeaders = Type.Object({
  'if-match': Type.Optional(
    Type.String(described('The seq that you have seen: the order is changed only if it is still there.')),
  ),
})

export const OrderAccepted = Type.Object({
  orderId: Uuid,
  wsUrl: Type.String(described('Open this socket to follow the order from its first event.')),
  status: Status,
  seq: Type.Integer(),
  clientOrderId: Type.Optional(Type.String()),
  summary: Type.String(),
  createdAt: Timestamp,
})

export const TicketIssued = Type.Object({
  ticket: Type.String(
    described(
      'Offer the subprotocols order-stream and ticket.<ticket> when you open the socket. Works once.',
    ),
  ),
  expiresAt: Timestamp,
})

const Trading = Type.Enum([...tradingStates])

export const TradingRequest = Type.Object({ state: Trading }, closed)

export const TradingView = Type.Object({
  state: Trading,
  changedAt: Type.Union([Timestamp, Type.Null()]),
  changedBy: Type.Union([Type.String(), Type.Null()]),
})

const waiting = Type.Optional(
  Type.Enum(
    ['true', 'false'],
    described(
      'true: while the order rests, also messages of the kind waiting, which say why; they have no seq, and come at most once a second.',
    ),
  ),
)

export const EventsQuery = Type.Object({ waiting }, closed)

export const StreamQuery = Type.Object(
  {
    orderId: Type.Optional(Type.String({ maxLength: 64 })),
    after: Type.Optional(Type.String({ pattern: '^\\d{1,9}$', description: 'Resume behind this seq.' })),
    waiting,
  },
  closed,
)

export type StreamQuery = Type.Static<typeof StreamQuery>

export const OrderParams = Type.Object({ id: Type.String() }, closed)

export const OrderQuery = Type.Object(
  {
    events: Type.Optional(
      Type.Enum(['true', 'false'], described('false: without its events, which its stream has too.')),
    ),
  },
  closed,
)

/** The fields by which orders are chosen. */
export const filterFields = {
  status: Type.Optional(Type.Enum([...statuses])),
  token: Type.Optional(TokenName),
  clientOrderId: Type.Optional(ClientOrderId),
  type: Type.Optional(Type.Enum([...orderTypes])),
  resting: Type.Optional(
    Type.Enum(['true', 'false'], described('Only orders that wait for a price or a time, or only others.')),
  ),
  parentId: Type.Optional(
    Type.String({ maxLength: 64, description: 'Only the legs or slices of this order.' }),
  ),
  groupId: Type.Optional(
    Type.String({ maxLength: 64, description: 'Only the legs of this group: the id of its parent.' }),
  ),
}

export const FilterQuery = Type.Object(filterFields, closed)
export type FilterQuery = Type.Static<typeof FilterQuery>

const { resting: _, ...lasting } = filterFields

/** Without the filters that an order fits for a while only, but for its status. */
export const AllOrdersQuery = Type.Object(
  { ...lasting, cursor: Type.Optional(Type.String({ maxLength: 200 })) },
  closed,
)
export type AllOrdersQuery = Type.Static<typeof AllOrdersQuery>

export const ListQuery = Type.Object(
  {
    ...filterFields,
    cursor: Type.Optional(Type.String({ maxLength: 200 })),
    limit: Type.Optional(
      Type.String({ pattern: '^[1-9]\\d{0,3}$', description: '1 to 1000; 50 when absent.' }),
    ),
  },
  closed,
)

const OrderEvent = Type.Union([...Object.values(eventSchemas), EventOfLaterKind], {
  description: 'One event of the log.',
})

const orderFields = {
  orderId: Uuid,
  status: Status,
  seq: Type.Integer(),
  attempt: Type.Integer(),
  ...askedFields,
  resting: Type.Boolean(described('Whether it waits for a price or a time.')),
  createdAt: Timestamp,
  updatedAt: Timestamp,
  filledIn: Type.Optional(Type.String(described('Of a plan: what its children have sold.'))),
  remainingIn: Type.Optional(Type.String()),
  averagePrice: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  unfunded: Type.Optional(
    Type.Literal(
      true,
      described('It rests, and the wallet does not hold what it sells beside earlier resting orders.'),
    ),
  ),
  paused: Type.Optional(Type.Literal(true)),
  memory: Type.Optional(Type.Object({}, { ...open, description: 'What its trigger remembers.' })),
  retryAt: Type.Optional(Timestamp),
  signature: Type.Optional(Type.String()),
  txHash: Type.Optional(Type.String(described('The signature under a second name.'))),
  lastValidBlockHeight: Type.Optional(Type.Integer()),
  amountOut: Type.Optional(Type.String()),
  amountOutBase: Type.Optional(Type.String()),
  slot: Type.Optional(Type.Integer()),
  failure: Type.Optional(FailureView),
  reachedChain: Type.Optional(Type.Boolean(described('Whether anything signed may have been sent.'))),
  endReason: Type.Optional(Type.String(described('Why it has ended.'))),
  waiting: Type.Optional(WaitingView),
  rebroadcasts: Type.Optional(
    Type.Integer(
      described('While submitted: how often the swap was sent again, where its worker answers itself.'),
    ),
  ),
  blocksLeft: Type.Optional(
    Type.Integer(described('While submitted, of one order: blocks in which its swap may still land.')),
  ),
}

export const OrderView = Type.Object(
  {
    ...orderFields,
    children: Type.Optional(
      Type.Array(
        Type.Object(orderFields, open),
        described('Of one order: its legs or slices, the oldest first.'),
      ),
    ),
    events: Type.Optional(Type.Array(OrderEvent)),
  },
  open,
)

export const OrderPage = Type.Object(
  { orders: Type.Array(OrderView), nextCursor: Type.Union([Type.String(), Type.Null()]) },
  open,
)

export const PreviewView = Type.Object(
  {
    type: Type.String(),
    tokenIn: Type.String(),
    tokenOut: Type.String(),
    amountIn: Type.String(),
    amountInBase: Type.String(),
    summary: Type.String(),
    replayOf: Type.Optional(Type.String(described('The order that the same key stands for already.'))),
    quotes: Type.Array(QuoteView),
    route: Type.Union([RouteView, Type.Null()]),
    failure: Type.Optional(Type.Object({ code: Type.String(), detail: Type.String() }, open)),
    warnings: Type.Array(Type.Object({ code: Type.String(), detail: Type.String() })),
    guards: Type.Optional(GuardsView),
    guardReport: Type.Optional(GuardReportView),
  },
  open,
)

export const ProblemBody = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.Enum(Object.keys(problemTable)),
    requestId: Type.String(),
  },
  open,
)

/** At the beginning of the stream of all orders: one of them as it is. */
export const OrderMessage = Type.Object({ kind: Type.Literal('order'), order: OrderView }, open)

/** In the stream of all orders: all that was there has been given. */
export const CurrentMessage = Type.Object({ kind: Type.Literal('current'), cursor: Type.String() }, open)
