// Owns the HTTP server: its limits, what a request passes before its route, which routes there are, and its end.

import type { IncomingMessage } from 'node:http'
import websocket from '@fastify/websocket'
import Fastify, {
  type onRequestAsyncHookHandler,
  type onRequestHookHandler,
  type RouteOptions,
} from 'fastify'
import type { TSchema } from 'typebox'
import { createFairTurns } from '../timing/fairTurns.ts'
import { createPace } from '../timing/pace.ts'
import { elapsed, worked } from '../timing/system.ts'
import { accessGuard, chooseProtocol, demandAccess } from './access.ts'
import { type AddressLimits, createAddressLimits } from './addressLimits.ts'
import { openAdmission, shedOrders } from './admission.ts'
import type { Routes } from './app.ts'
import { consoleRoutes } from './console.ts'
import type { HttpDeps } from './deps.ts'
import { documentation } from './documents/documentation.ts'
import { answerBare, answerUnparsed } from './edge/bareAnswers.ts'
import { type Listening, listenOnAll } from './edge/listening.ts'
import { denyOtherMethods, routeAllMethods } from './edge/methods.ts'
import { answerPreflights, denyPreflights, originGuard, shareAnswers } from './edge/origin.ts'
import { type Addresses, createPublicAddresses } from './edge/publicAddress.ts'
import { denyMalformed } from './edge/requestShape.ts'
import { securityHeaders } from './edge/securityHeaders.ts'
import { webSocketUpgrades } from './edge/upgrades.ts'
import { createErrorAnswers, type ErrorAnswers } from './errors.ts'
import { createPlacing } from './placing.ts'
import { Problem } from './problems.ts'
import { readBodies } from './requests/bodies.ts'
import { type SchemaTypes, validator } from './requests/validation.ts'
import { adminRoutes } from './routes/adminRoutes.ts'
import { allOrdersRoute } from './routes/allOrdersRoute.ts'
import { cancelOrdersRoute } from './routes/cancelOrdersRoute.ts'
import { candleRoutes } from './routes/candleRoutes.ts'
import { depthRoute } from './routes/depthRoute.ts'
import { healthRoutes } from './routes/healthRoutes.ts'
import { marketRoutes } from './routes/marketRoutes.ts'
import { orderListRoutes } from './routes/orderListRoutes.ts'
import { orderRoutes } from './routes/orderRoutes.ts'
import { orderStreamRoutes } from './routes/orderStreamRoutes.ts'
import { previewRoute } from './routes/previewRoute.ts'
import { simulationRoutes } from './routes/simulationRoutes.ts'
import { allowSessions } from './routes/streamRoutes.ts'
import { systemRoute } from './routes/systemRoute.ts'
import { ticketRoutes } from './routes/ticketRoutes.ts'
import { walletRoute } from './routes/walletRoute.ts'
import { openLiveQuotes } from './streams/liveQuotes.ts'
import { openSockets } from './streams/sockets.ts'
import { openEventStreams } from './streams/sse.ts'
import { openWaitings } from './streams/waitings.ts'

type Hook = onRequestHookHandler | onRequestAsyncHookHandler

type Passage = {
  readonly addresses: Addresses
  readonly limits: AddressLimits
  /** The methods that each address takes, as in its Allow header. */
  readonly allow: ReadonlyMap<string, string>
  readonly isStopping: { readonly value: boolean }
}

/**
 * What a request passes, in this order, and why each step stands where it does.
 *
 * On the server's `request` event, before the framework:
 *   1. shareAnswers  CORS headers. First, because an allowed page must be able to read every denial below.
 *   2. shedOrders    Admission, first look: an order that is turned away must cost nothing of what follows.
 * In `onRequest`, the hooks of this list, 3 to 8.
 * Around the body:
 *   9. readBodies    In `preParsing`: where there is no route, no body is read. Parsing comes after access, so only a
 *                    principal that may use the route makes us parse.
 *  10. originGuard   In `preValidation`: a foreign page gets no answer from our validation.
 *  11. The schema of the route, then its handler; for an order, admission's second look around the store.
 */
function onRequestHooks(deps: HttpDeps, { addresses, limits, allow, isStopping }: Passage): readonly Hook[] {
  const { allowedOrigins, keys } = deps.access
  return [
    // 3. Before any decision: no decision may rest on what a proxy could parse differently. Only the hook of the sockets'
    // plugin is earlier; it must know an upgrade to close its connection when a later step denies it.
    denyMalformed,
    // 4. Before all limits: a page whose preflight fails cannot read why its request would be denied.
    answerPreflights(allowedOrigins, allow),
    // 5. Before everything that counts or looks up: a process that stops takes no work. All later answers carry the headers.
    (request, reply, done) => {
      reply.headers(securityHeaders)
      const isDenied = isStopping.value && request.url !== '/healthz' && request.url !== '/readyz'
      done(isDenied ? new Problem('shutting_down') : undefined)
    },
    // 6. Before the key is looked at: the count also bounds attempts with wrong keys.
    ...(limits.countRequest === null ? [] : [limits.countRequest]),
    // 7. Before access: browsers send no key with a preflight, and a foreign one is denied for its origin.
    denyPreflights,
    // 8. Last: the most expensive step, since a ticket is redeemed in the database. From here on there is a principal.
    accessGuard(keys, { hosts: ownHosts(deps.access, addresses), limits }),
  ]
}

/** Hosts that a request without a key may name beside the loopback ones: the public one, and those of allowed origins. */
function ownHosts({ allowedOrigins }: HttpDeps['access'], { publicHost }: Addresses): readonly string[] {
  const allowed = allowedOrigins.flatMap((origin) => (/^https?:/.test(origin) ? new URL(origin).host : []))
  return publicHost === undefined ? allowed : [...allowed, publicHost]
}

/** Opens the server without listening yet; close it before the ports that it uses. */
export async function openServer(deps: HttpDeps) {
  const { access, observe } = deps
  const newRequestId = createRequestIds(deps.newId())
  const routes: RouteOptions[] = []
  const addresses = createPublicAddresses(deps.access, routes)
  const errors = createErrorAnswers(observe)
  const app = createApp(deps, { newRequestId, pathOf: addresses.pathOf, errors })
  const isStopping = { value: false }
  const streams = openStreams(deps)
  const admission = openAdmission(deps)

  if (deps.servesApi) shedOrders(app.server, { admission, newRequestId, observe, pathOf: addresses.pathOf })
  shareAnswers(app.server, access.allowedOrigins)

  // Before any route: a socket route registered without its plugin would become a plain GET.
  await addWebSockets(app, deps)
  app.addHook('onRoute', (route) => void routes.push(route))
  const limits = await createAddressLimits(app, access.addressLimits, addresses)
  const allow = new Map<string, string>()
  app.decorateRequest('principal', null)
  for (const hook of onRequestHooks(deps, { addresses, limits, allow, isStopping })) {
    app.addHook('onRequest', hook)
  }
  readBodies(app)
  app.addHook('preValidation', originGuard(access.allowedOrigins, addresses))

  await documentation(app, { version: deps.version, addresses, routes })
  if (deps.servesApi) addApiRoutes(app, deps, { ...streams, admission, limits, addresses })
  healthRoutes(app, deps, isStopping)
  if (deps.servesApi) await consoleRoutes(app, addresses.publicPrefix)
  demandAccess(routes)
  denyOtherMethods(app, [...routes], allow)

  let listening: Listening | null = null
  return {
    /** Resolves to the URL once every address of the host is listened on. */
    async listen(host: string, port: number): Promise<string> {
      listening = await listenOnAll(app.server, {
        host,
        port,
        maxConnections: access.maxConnections,
        onDropped: observe.connectionDropped,
        listen: (address, at) => app.listen({ host: address, port: at }),
      })
      return listening.url
    },
    /** Lets requests under way end, then cuts off those that have not. */
    async close(): Promise<void> {
      admission.close()
      const stopWaiting = deps.clock.after(CLOSE_GRACE_MS, () => app.server.closeAllConnections())
      await Promise.all([listening?.close(), app.close()])
      stopWaiting()
    },
    /** Refuses new work and ends every stream; clients resume at another process. */
    stopAccepting() {
      isStopping.value = true
      streams.close()
    },
  }
}

/** What gives streams their messages, and what carries them; opened and closed together. */
function openStreams(deps: HttpDeps) {
  const carrying = { ...deps, ...deps.orders, keys: deps.access.keys, turns: createFairTurns(setImmediate) }
  const streams = {
    sockets: openSockets(carrying),
    eventStreams: openEventStreams(carrying),
    waitings: openWaitings(deps),
    liveQuotes: openLiveQuotes(deps),
  }
  return {
    ...streams,
    close(): void {
      for (const each of Object.values(streams)) each.close()
    },
  }
}

/** In the order in which /openapi.json lists them. */
function addApiRoutes(
  app: Routes,
  deps: HttpDeps,
  shared: Omit<Parameters<typeof orderStreamRoutes>[2], 'place'> & Parameters<typeof marketRoutes>[2],
): void {
  allowSessions(app)
  const { place, preview } = createPlacing(deps, shared.admission)
  orderRoutes(app, deps, { place, addresses: shared.addresses })
  previewRoute(app, deps, preview)
  orderStreamRoutes(app, deps, { place, ...shared })
  allOrdersRoute(app, deps, {
    ...shared,
    pace: createPace({ clock: deps.clock, elapsed, worked, nextTurn: setImmediate }),
  })
  orderListRoutes(app, deps)
  cancelOrdersRoute(app, deps)
  ticketRoutes(app, deps.access)
  adminRoutes(app, deps.orders)
  marketRoutes(app, deps, shared)
  candleRoutes(app, deps.market, shared)
  depthRoute(app, deps)
  walletRoute(app, deps)
  systemRoute(app, deps)
  simulationRoutes(app, deps)
}

/** Unique without a random number for each request: the end of a UUID made at the start, and a count. */
function createRequestIds(id: string): () => string {
  const boot = id.slice(-12)
  let requests = 0
  return () => `${boot}-${(++requests).toString(36)}`
}

const BODY_LIMIT = 16_384
const MAX_FRAME = 4_096
const MAX_FRAGMENTS = 64
/** A connection on which nothing moves: longer than a kept-alive one may idle, and than streams are silent. */
const STALLED_MS = 75_000
const KEEP_ALIVE_MS = 65_000
const CLOSE_GRACE_MS = 2_000

type AppParts = {
  readonly newRequestId: () => string
  readonly pathOf: (request: IncomingMessage) => string
  readonly errors: ErrorAnswers
}

/** The application without hooks and routes: limits of the server, errors, schemas, methods. */
function createApp({ access, observe }: HttpDeps, { newRequestId, pathOf, errors }: AppParts): Routes {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: access.requestTimeoutMs,
    rewriteUrl: pathOf,
    connectionTimeout: STALLED_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    routerOptions: { maxParamLength: 100 },
    http: {
      connectionsCheckingInterval: Math.min(1_000, access.requestTimeoutMs),
      headersTimeout: access.requestTimeoutMs,
      // A missing or doubled host is refused in denyMalformed, with a problem body.
      requireHostHeader: false,
    },
    forceCloseConnections: 'idle',
    // Requests that come while closing are refused by our own hook, with a problem body.
    return503OnClosing: false,
    genReqId: newRequestId,
    clientErrorHandler: answerUnparsed,
    frameworkErrors: errors.onFrameworkError,
  }).withTypeProvider<SchemaTypes>()
  app.server.on('connect', (_request, socket) => {
    answerBare(socket, new Problem('method_not_allowed', { headers: { allow: '' } }))
  })
  // An expectation beyond 100-continue is ignored, and the request is served (RFC 9110, 10.1.1).
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  app.server.maxConnections = access.maxConnections
  app.server.on('drop', observe.connectionDropped)
  routeAllMethods(app)
  app.setValidatorCompiler<TSchema>(({ schema }) => forFastify(validator(schema)))
  errors.install(app)
  return app
}

/** A check in the form that Fastify asks for: the error is returned, not thrown. */
function forFastify(check: (value: unknown) => unknown) {
  return (value: unknown) => {
    try {
      return { value: check(value) }
    } catch (error) {
      return { error: error as Error }
    }
  }
}

async function addWebSockets(app: Routes, { observe }: HttpDeps): Promise<void> {
  await app.register(websocket, {
    options: {
      server: webSocketUpgrades(app.server),
      maxPayload: MAX_FRAME,
      maxFragments: MAX_FRAGMENTS,
      perMessageDeflate: false,
      handleProtocols: chooseProtocol,
    },
    errorHandler: (error: Error & { code?: string }, socket) => {
      // A client's breach of the protocol is no fault of ours: ws closes the socket with the right code.
      if (error.code?.startsWith('WS_ERR_')) return
      observe.requestFailed('socket', error)
      socket.terminate()
    },
  })
}
