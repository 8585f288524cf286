// Owns the routes of a simulated world: what landed on its chain, and what an operator does to its market.

import type { Principal } from '../../domain/access.ts'
import { type BaseUnits, formatAmount } from '../../domain/amount.ts'
import type { KnownLaunch, Simulation } from '../../domain/ports/simulation.ts'
import { venueNames } from '../../domain/route.ts'
import { type OrderId, parseOrderId } from '../../domain/spec.ts'
import { SOL, type Token, type TokenList } from '../../domain/token.ts'
import { principalOf, requireScope } from '../access.ts'
import type { Routes } from '../app.ts'
import type { HttpDeps } from '../deps.ts'
import { denied, type FieldError, Problem } from '../problems.ts'
import { ADDRESS_FORM, isAddress } from '../requests/addressField.ts'
import { readAmount } from '../requests/fields.ts'
import { ProblemBody } from '../schemas/apiSchemas.ts'
import {
  LaunchesView,
  LaunchPlanned,
  LaunchRequest,
  MovePlanned,
  MoveRequest,
  SwapsPage,
  SwapsQuery,
} from '../schemas/simulationSchemas.ts'
import { swapView } from '../views.ts'
import { faultRoutes } from './faultRoutes.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000
const FACTOR = { least: 0.0001, most: 10_000 }

/** Where orders trade for real there are none of these routes. */
export function simulationRoutes(app: Routes, deps: HttpDeps): void {
  const { simulation } = deps.market
  if (simulation === null) return
  swapsRoute(app, deps, simulation)
  movesRoute(app, deps.market.tokens, simulation)
  launchesRoute(app, simulation)
  faultRoutes(app, deps, simulation)
}

/** Exactly-once can be checked here: the ledger belongs to the chain, not to our tables. */
function swapsRoute(app: Routes, { market, orders }: HttpDeps, simulation: Simulation): void {
  app.get(
    '/api/simulation/swaps',
    {
      config: { access: 'read' },
      schema: {
        summary: 'What landed on the simulated chain, in order: the judge of exactly-once.',
        querystring: SwapsQuery,
        response: { 200: SwapsPage, '4xx': ProblemBody },
      },
    },
    async (request) => {
      const { orderId, cursor, limit } = request.query
      const count = Math.min(Number(limit ?? DEFAULT_LIMIT), MAX_LIMIT)
      if (cursor !== undefined && !Number.isSafeInteger(Number(cursor))) throw new Problem('invalid_cursor')
      const id = orderId === undefined ? null : parseOrderId(orderId)
      const principal = principalOf(request)
      // Without an order id it lists the swaps of all owners.
      if (orderId === undefined) requireScope(principal, 'admin')
      // An id that is none has no swaps, and someone else's order looks the same.
      const isHidden = orderId !== undefined && (id === null || !(await maySee(principal, id)))
      const found = isHidden ? [] : await simulation.swaps(id, Number(cursor ?? 0), count + 1)
      const page = found.slice(0, count)
      const swaps = page.map(({ entry }) => swapView(entry, market.tokens))
      const last = page.at(-1)
      return { swaps, nextCursor: found.length > count && last !== undefined ? String(last.number) : null }
    },
  )

  const maySee = async ({ owner, scopes }: Principal, id: OrderId) =>
    scopes.includes('admin') || (await orders.store.load(id))?.order.spec.owner === owner
}

function movesRoute(app: Routes, tokens: TokenList, simulation: Simulation): void {
  app.post(
    '/api/simulation/moves',
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Move a price of the simulated market; without venues everywhere, and for good.',
        body: MoveRequest,
        response: { 200: MovePlanned, '4xx': ProblemBody, '5xx': ProblemBody },
      },
    },
    async ({ body }) => {
      const errors: FieldError[] = []
      const token = readToken('token', body.token, tokens, errors)
      const against = readToken('against', body.against, tokens, errors)
      if (token !== null && token === against) {
        errors.push({ field: 'against', code: 'same_token', detail: `both are ${token.symbol}` })
      }
      const factor = readFactor(body.factor, errors)
      if (token === null || against === null || errors.length > 0) throw denied(errors)
      const { slots = 1, back: isBack = false, venues = venueNames } = body
      const isEverywhere = venues.length === venueNames.length
      const move = { token, against, factor, slots, isBack, venues: isEverywhere ? null : venues }
      const slot = await simulation.move(move)
      if (slot === null) throw new Problem('no_such_pool')
      return { slot }
    },
  )
}

const MAX_LAUNCHES = 100

function launchesRoute(app: Routes, simulation: Simulation): void {
  const url = '/api/simulation/launches'
  app.get(
    url,
    {
      config: { access: 'read' },
      schema: {
        summary: 'The tokens that were launched on the simulated chain, and those to come.',
        response: { 200: LaunchesView, '4xx': ProblemBody, '5xx': ProblemBody },
      },
    },
    async () => ({ launches: (await simulation.launches(MAX_LAUNCHES)).map(launchView) }),
  )

  app.post(
    url,
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Launch a token on the simulated chain, with a pool against SOL.',
        body: LaunchRequest,
        response: { 201: LaunchPlanned, '4xx': ProblemBody, '5xx': ProblemBody },
      },
    },
    async ({ body }, reply) => {
      const errors: FieldError[] = []
      const { symbol, inSlots = 0, venue, faults = [] } = body
      const mint = readAddress('mint', body.mint, errors)
      const creator = readAddress('creator', body.creator, errors)
      const liquidityLamports = readLiquidity(body.liquidity, errors)
      if (liquidityLamports === null || errors.length > 0) throw denied(errors)
      const launch = { symbol, mint, creator, inSlots, liquidityLamports, venue, faults }
      const launched = await simulation.launch(launch)
      if (launched === null) throw new Problem('token_taken')
      return reply.code(201).send(launched)
    },
  )
}

const launchView = ({ isOut, liquidityLamports, ...launch }: KnownLaunch) => ({
  ...launch,
  faults: [...launch.faults],
  launched: isOut,
  liquidity: formatAmount(liquidityLamports, SOL.decimals),
})

/** Null when absent; adds to `errors` unless it stands for 32 bytes. */
function readAddress(field: string, text: string | undefined, errors: FieldError[]): string | null {
  if (text === undefined) return null
  if (!isAddress(text)) errors.push({ field, code: 'invalid_type', detail: ADDRESS_FORM })
  return text
}

/** In lamports; null after adding to `errors`. */
function readLiquidity(given: string | number, errors: FieldError[]): BaseUnits | null {
  const own: FieldError[] = []
  const lamports = readAmount(given, SOL, own)
  errors.push(...own.map((error) => ({ ...error, field: 'liquidity' })))
  return lamports
}

/** By symbol or mint; null after adding to `errors`. */
function readToken(field: string, name: string, tokens: TokenList, errors: FieldError[]): Token | null {
  const token = tokens.find(name)
  if (token !== undefined) return token
  errors.push({ field, code: 'unknown_token', detail: 'see GET /api/tokens for those that are known' })
  return null
}

/** Adds to `errors` when out of range. */
function readFactor(text: string, errors: FieldError[]): number {
  const factor = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (factor >= FACTOR.least && factor <= FACTOR.most) return factor
  const detail = `a decimal from ${FACTOR.least} to ${FACTOR.most}`
  errors.push({ field: 'factor', code: 'invalid_type', detail })
  return factor
}
