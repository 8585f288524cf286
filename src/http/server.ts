// Owns the HTTP server: its limits, what errors look like, and which routes there are.

import { METHODS } from 'node:http'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import { accessGuard, chooseProtocol, demandAccess } from './access.ts'
import { addRate, createAddressLimits } from './addressLimits.ts'
import { adminRoutes } from './adminRoutes.ts'
import { guard, openAdmissionDoor } from './admission.ts'
import { answerBare, answerUnparsed } from './bareAnswers.ts'
import { readBodies } from './bodies.ts'
import type { HttpDeps } from './deps.ts'
import { documentation } from './documentation.ts'
import { healthRoutes } from './healthRoutes.ts'
import { type Listening, listenOnAll } from './listening.ts'
import { marketRoutes } from './marketRoutes.ts'
import { orderRoutes } from './orderRoutes.ts'
import { answerPreflights, originGuard, refusePreflights, shareAnswers } from './origin.ts'
import { Problem, type ProblemCode, problemBody, problemHeaders, problemOf } from './problems.ts'
import { createPublicAddresses } from './publicAddress.ts'
import { refuseMalformed } from './requestShape.ts'
import { securityHeaders } from './securityHeaders.ts'
import { openStreams } from './streams.ts'
import { ticketRoutes } from './ticketRoutes.ts'
import { webSocketUpgrades } from './upgrades.ts'
import { type SchemaTypes, validator } from './validation.ts'

const BODY_LIMIT = 16_384
const MAX_FRAME = 4_096
const MAX_FRAGMENTS = 64
/** A connection on which nothing moves: longer than a kept-alive one may idle, and than streams are silent. */
const STALLED_MS = 75_000
const CLOSE_GRACE_MS = 2_000
/** Every method but the one that asks for a tunnel, which comes as an event of its own. */
const ROUTABLE_METHODS = METHODS.filter((method) => method !== 'CONNECT')

export async function createServer(deps: HttpDeps) {
  // Unique without asking for chance at each request.
  const boot = deps.newId().slice(-12)
  let requests = 0
  const newRequestId = () => `${boot}-${(++requests).toString(36)}`
  const addresses = createPublicAddresses(deps)
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: deps.requestTimeoutMs,
    rewriteUrl: addresses.pathOf,
    connectionTimeout: STALLED_MS,
    keepAliveTimeout: 65_000,
    routerOptions: { maxParamLength: 100 },
    http: {
      connectionsCheckingInterval: Math.min(1_000, deps.requestTimeoutMs),
      headersTimeout: deps.requestTimeoutMs,
      // Missing or doubled, a host is refused in refuseMalformed, with a problem body.
      requireHostHeader: false,
    },
    forceCloseConnections: 'idle',
    // Requests that come while closing are refused by our own hook, with a problem body.
    return503OnClosing: false,
    genReqId: newRequestId,
    clientErrorHandler: answerUnparsed,
    frameworkErrors: (error, request, reply) => sendProblem(toProblem(error), request, reply),
  }).withTypeProvider<SchemaTypes>()
  app.server.on('connect', (_request, socket) => {
    answerBare(socket, new Problem('method_not_allowed', { headers: { allow: '' } }))
  })
  // What a client expects beyond a 100 it may go on expecting; the request is served all the same.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  for (const method of ROUTABLE_METHODS) {
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method)
  }
  app.server.maxConnections = deps.maxConnections
  app.server.on('drop', deps.observe.connectionDropped)
  const isStopping = { value: false }
  let listening: Listening | null = null
  const streams = openStreams(deps)
  const door = openAdmissionDoor(deps)
  if (deps.servesApi) {
    guard(app.server, { door, newRequestId, observe: deps.observe, pathOf: addresses.pathOf })
  }
  shareAnswers(app.server, deps.allowedOrigins)

  app.setValidatorCompiler<TSchema>(({ schema }) => forFastify(validator(schema)))
  readBodies(app)
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = toProblem(error)
    if (problem.code === 'internal_error') deps.observe.requestFailed(request.id, error)
    return sendProblem(problem, request, reply)
  })
  app.setNotFoundHandler((request, reply) => sendProblem(new Problem('not_found'), request, reply))
  function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply) {
    const body = problemBody(problem, request.id, request.url.split('?')[0]?.slice(0, 200))
    deps.observe.denied(problem.code, request.id)
    // Not every problem has passed our hooks: a malformed address ends before them.
    addRate(reply, problemHeaders(problem))
    return reply.code(body.status).send(JSON.stringify(body))
  }

  // Sockets come first: a socket route registered before its plugin would become a plain GET.
  await app.register(websocket, {
    options: {
      server: webSocketUpgrades(app.server),
      maxPayload: MAX_FRAME,
      maxFragments: MAX_FRAGMENTS,
      perMessageDeflate: false,
      handleProtocols: chooseProtocol,
    },
    errorHandler: (error: Error & { code?: string }, socket) => {
      // What a client says against the protocol is no fault of ours: ws closes it with the right code.
      if (error.code?.startsWith('WS_ERR_')) return
      deps.observe.requestFailed('socket', error)
      socket.terminate()
    },
  })
  // After the sockets' own hook, which has to know a socket to close it when the upgrade is refused.
  app.addHook('onRequest', refuseMalformed)
  /** The methods that each address takes. */
  const allow = new Map<string, string>()
  app.addHook('onRequest', answerPreflights(deps.allowedOrigins, allow))
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(securityHeaders)
    const refuses = isStopping.value && request.url !== '/healthz' && request.url !== '/readyz'
    done(refuses ? new Problem('shutting_down') : undefined)
  })
  app.decorateRequest('principal', null)
  app.addHook('onRoute', demandAccess)
  const limits = await createAddressLimits(app, deps.addressLimits, addresses)
  if (limits.countRequest !== null) app.addHook('onRequest', limits.countRequest)
  app.addHook('onRequest', refusePreflights)
  const hosts = deps.allowedOrigins.flatMap((origin) => (/^https?:/.test(origin) ? new URL(origin).host : []))
  if (addresses.publicHost !== undefined) hosts.push(addresses.publicHost)
  app.addHook('onRequest', accessGuard(deps.keys, { hosts, limits }))
  const methodsOf = new Map<string, Set<string>>()
  // Every address answers a method it does not take with 405 and the ones it does.
  app.addHook('onRoute', ({ url, method }) => {
    if (url.startsWith('/docs')) return
    const set = methodsOf.get(url) ?? new Set<string>()
    for (const name of [method].flat()) set.add(name)
    methodsOf.set(url, set)
  })
  await documentation(app, deps.version, addresses)
  app.addHook('preValidation', originGuard(deps.allowedOrigins, addresses))
  if (deps.servesApi) {
    orderRoutes(app, deps, { streams, door, limits, addresses })
    ticketRoutes(app, deps)
    adminRoutes(app, deps)
    marketRoutes(app, deps)
  }
  healthRoutes(app, deps, isStopping)
  for (const [url, methods] of [...methodsOf]) refuseOthers(url, methods)

  function refuseOthers(url: string, methods: ReadonlySet<string>): void {
    const others = ROUTABLE_METHODS.filter((method) => !methods.has(method))
    const taken = [...methods].join(', ')
    allow.set(url, taken)
    app.route({
      method: others,
      url,
      config: { access: 'public' },
      schema: { hide: true },
      // The body of a request that is refused anyway is not looked at.
      onRequest: async () => {
        throw new Problem('method_not_allowed', { headers: { allow: taken } })
      },
      handler: async () => undefined,
    })
  }

  return {
    /** Resolves to the URL once every address of the host is listened on. */
    async listen(host: string, port: number): Promise<string> {
      listening = await listenOnAll(app.server, {
        host,
        port,
        maxConnections: deps.maxConnections,
        onDropped: deps.observe.connectionDropped,
        listen: (address, at) => app.listen({ host: address, port: at }),
      })
      return listening.url
    },
    /** Lets requests under way end, then cuts off whoever has not. */
    async close(): Promise<void> {
      door.close()
      const stopWaiting = deps.clock.after(CLOSE_GRACE_MS, () => app.server.closeAllConnections())
      await Promise.all([listening?.close(), app.close()])
      stopWaiting()
    },
    /** Refuses new work and tells every stream to come back elsewhere. */
    stopAccepting() {
      isStopping.value = true
      streams.close()
    },
  }
}

/** A check in the form that Fastify asks for: the fault is handed back, not thrown. */
function forFastify(check: (value: unknown) => unknown) {
  return (value: unknown) => {
    try {
      return { value: check(value) }
    } catch (error) {
      return { error: error as Error }
    }
  }
}

// ---- errors -------------------------------------------------------------------------------------------------------

const frameworkCodes: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
  FST_ERR_BAD_URL: 'not_found',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
  FST_ERR_ASYNC_CONSTRAINT: 'invalid_request',
}

function toProblem(error: FastifyError | Error): Problem {
  const problem = problemOf(error)
  if (problem.code !== 'internal_error') return problem
  const code = 'code' in error ? frameworkCodes[error.code] : undefined
  if (code !== undefined) return new Problem(code)
  const isClientFault = 'statusCode' in error && (error.statusCode ?? 500) < 500
  return isClientFault ? new Problem('invalid_request') : problem
}
