// Owns the schemas of the events of an order, by kind, and of what they have in common. They describe answers: fields and names
// may be added, so objects stay open, and an enum may have values that a client does not know.

import Type, { type TProperties } from 'typebox'
import { guardNames } from '../../domain/guards.ts'
import { statuses } from '../../domain/lifecycle.ts'
import type { EventKind } from '../../domain/order.ts'
import { orderTypes } from '../../domain/spec.ts'
import { blockers } from '../../domain/triggers/verdict.ts'
import { described } from './fieldSchemas.ts'

/** For answers whose fields grow with the engine: the schema describes them and filters nothing out. */
export const open = { additionalProperties: true }
export const Timestamp = Type.String({ format: 'date-time' })
export const Uuid = Type.String({ format: 'uuid' })

/** An enum of an answer: the names of today, and any that comes later. */
const OpenEnum = (names: readonly string[], description?: string) =>
  Type.Union([Type.Enum([...names]), Type.String()], description === undefined ? {} : { description })

const Text = Type.String()
const Money = Type.String(described('A decimal in token units.'))
const Base = Type.String(described('The same in base units.'))
const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()])
const optional = (names: TProperties) =>
  Object.fromEntries(Object.entries(names).map(([name, schema]) => [name, Type.Optional(schema)]))

export const Status = OpenEnum(statuses)

const TriggerView = Type.Object(
  {
    source: Text,
    observations: Type.Integer(),
    dwellMs: Type.Integer(),
    maxAgeMs: Type.Integer(),
    ...optional({ price: Text, trailingBps: Type.Integer(), activationPrice: Text }),
  },
  { ...open, description: 'What fires it.' },
)

/** Of what waits for a price or a time. */
const waitingFields = {
  priceOf: Text,
  limitPrice: nullable(Text),
  trigger: TriggerView,
  timeInForce: Text,
  expiresAt: nullable(Timestamp),
  slippageLadderBps: Type.Array(Type.Integer()),
  feeBudget: Type.String(described('What failed attempts may cost in network fees, in SOL.')),
  maxHoldMs: Type.Integer(),
  fireAt: Timestamp,
}

const LegTermsView = Type.Object(
  {
    type: OpenEnum(orderTypes),
    slippageBps: Type.Integer(),
    ...optional({ ...waitingFields, shareBps: Type.Integer() }),
  },
  { ...open, description: 'A leg, as its order has it.' },
)

export const GuardsView = Type.Object(
  {
    maxTransferFeeBps: Type.Integer(),
    minAgeSlots: Type.Integer(),
    maxAgeSlots: Type.Integer(),
    minSaleBps: Type.Integer(),
    passes: Type.Integer(),
    ...optional({
      minLiquidity: Type.String(described('In SOL.')),
      maxPrice: Text,
      allowCreators: Type.Array(Text),
      denyCreators: Type.Array(Text),
      allow: Type.Array(Text),
    }),
  },
  { ...open, description: 'Of a sniper: what its guards are.' },
)

export const GuardReportView = Type.Object(
  {
    slot: Type.Integer(),
    refusals: Type.Array(Type.Object({ guard: OpenEnum(guardNames), detail: Text })),
  },
  { ...open, description: 'What the guards of a sniper find now; absent while its token is not launched.' },
)

/** What an order asks for, as it was understood. */
export const askedFields = {
  type: OpenEnum(orderTypes),
  tokenIn: Text,
  tokenInMint: Text,
  tokenInDecimals: nullable(Type.Integer()),
  tokenOut: Text,
  tokenOutMint: Text,
  tokenOutDecimals: nullable(Type.Integer(described('Null while the token is not launched.'))),
  amountIn: Money,
  amountInBase: Base,
  slippageBps: Type.Integer(),
  summary: Type.String(described('What the order does, in one sentence.')),
  ...optional({
    owner: Text,
    clientOrderId: Text,
    venues: Type.Array(Text),
    maxPriceImpactBps: Type.Integer(),
    split: Type.Boolean(),
    ...waitingFields,
    legs: Type.Array(LegTermsView),
    exits: Type.Array(LegTermsView),
    guards: GuardsView,
    creator: Type.String(
      described(
        'Of a sniper: the address whose launch it buys. Until it fires, this stands for tokenOut too.',
      ),
    ),
    parentId: Uuid,
    groupId: Uuid,
  }),
}

export const FailureView = Type.Object(
  { code: Text, message: Text, detail: Text },
  { ...open, description: 'Match on the code: docs/lifecycle.md has the table.' },
)

export const WaitingView = Type.Object(
  {
    for: nullable(Text),
    now: nullable(Text),
    distanceBps: nullable(Type.Number()),
    evaluatedAt: Timestamp,
    slot: nullable(Type.Integer()),
    blocker: OpenEnum(blockers),
  },
  { ...open, description: 'Why an order that waits for a price has not fired.' },
)

const paid = { amountOut: Money, amountOutBase: Base }

export const QuoteView = Type.Object(
  {
    venue: Text,
    latencyMs: Type.Number(),
    ...optional({
      pool: Text,
      program: Text,
      ...paid,
      fee: Money,
      feeBase: Base,
      feeToken: Text,
      priceImpactBps: Type.Number(),
      slot: Type.Integer(),
      error: Text,
      detail: Text,
    }),
  },
  { ...open, description: "A pool's quote, or a venue that has none: then error and detail say why." },
)

const LegView = Type.Object(
  { venue: Text, pool: Text, amountIn: Money, amountInBase: Base, ...paid },
  { ...open, description: 'A part of the amount through one pool.' },
)

export const RouteView = Type.Object(
  {
    legs: Type.Array(LegView),
    ...paid,
    ...optional({ reason: Text, comparison: Type.Object({}, open) }),
  },
  { ...open, description: 'The legs that the order trades through, in one transaction.' },
)

const least = { minAmountOut: Money, minAmountOutBase: Base }
const signed = { signature: Text, txHash: Text }
const memory = Type.Object({}, open)
const by = Text
const totals = {
  filledIn: Money,
  filledInBase: Base,
  filledOut: Money,
  filledOutBase: Base,
  remainingIn: Money,
  averagePrice: nullable(Text),
}

/** The data of each kind. */
const eventData: Readonly<Record<EventKind, TProperties>> = {
  accepted: askedFields,
  activated: askedFields,
  triggered: optional({
    observations: Type.Array(
      Type.Object({ source: Text, slot: Type.Integer(), at: Timestamp, price: Text, ...paid }, open),
    ),
    amountIn: Money,
    amountInBase: Base,
    tokenOut: Type.String(described('The token that a sniper by creator has chosen.')),
    tokenOutMint: Text,
    tokenOutDecimals: Type.Integer(),
  }),
  routed: { quotes: Type.Array(QuoteView), route: RouteView, ...least },
  submitted: {
    ...signed,
    lastValidBlockHeight: Type.Integer(),
    steps: Type.Array(Text),
    route: RouteView,
    ...least,
  },
  filled: {
    ...signed,
    amountIn: Money,
    amountInBase: Base,
    ...paid,
    executedPrice: Text,
    slippageToQuoteBps: Type.Number(),
    networkFeeLamports: Text,
    poolFees: Type.Array(Type.Object({ pool: Text, amount: Money, amountBase: Base }, open)),
    slot: Type.Integer(),
    stepMs: Type.Record(Text, Type.Number()),
  },
  completed: totals,
  retried: { failure: FailureView, retryAt: Timestamp, ...optional({ stalled: Type.Literal(true) }) },
  rested: {
    wakeAt: nullable(Timestamp),
    memory,
    ...optional({ failure: FailureView, waiting: WaitingView, guardReport: GuardReportView }),
  },
  paused: { by, memory },
  resumed: { by },
  amended: { by, ...askedFields, memory },
  failed: { failure: FailureView, attempts: Type.Integer(), reachedChain: Type.Boolean() },
  canceled: { by },
  expired: optional(totals),
}

/** The schema of each kind of event. */
export const eventSchemas = Object.fromEntries(
  Object.entries(eventData).map(([kind, data]) => [
    kind,
    Type.Object(
      {
        orderId: Uuid,
        seq: Type.Integer(described('From 1, without gaps.')),
        kind: Type.Literal(kind),
        status: Status,
        attempt: Type.Integer(),
        at: Timestamp,
        ...data,
      },
      open,
    ),
  ]),
) as Readonly<Record<string, Type.TObject>>

/** A kind that this document does not know: to be passed over. */
export const EventOfLaterKind = Type.Object(
  { orderId: Uuid, seq: Type.Integer(), kind: Text, status: Status, attempt: Type.Integer(), at: Timestamp },
  open,
)

/** Between the events of an order at rest, where they were asked for; not in the log. */
export const WaitingMessage = Type.Object(
  { orderId: Uuid, kind: Type.Literal('waiting'), waiting: WaitingView },
  open,
)
