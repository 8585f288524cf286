// Owns the HTTP server: its limits, what errors look like, and which routes there are.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import type { HttpDeps } from './deps.ts'
import { healthRoutes } from './healthRoutes.ts'
import { readJsonObject } from './json.ts'
import { marketRoutes } from './marketRoutes.ts'
import { orderRoutes } from './orderRoutes.ts'
import { originGuard } from './origin.ts'
import { Problem, type ProblemCode, problemBody, problemHeaders, problemOf } from './problems.ts'
import { openStreams } from './streams.ts'
import { type SchemaTypes, validator } from './validation.ts'

const BODY_LIMIT = 16_384
const REQUEST_TIMEOUT_MS = 10_000
const MAX_FRAME = 4_096
const CLOSE_GRACE_MS = 2_000
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const

export async function createServer(deps: HttpDeps) {
  // Unique without asking for chance at each request.
  const boot = deps.newId().slice(-12)
  let requests = 0
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: 65_000,
    routerOptions: { maxParamLength: 100 },
    http: { connectionsCheckingInterval: 1_000, headersTimeout: REQUEST_TIMEOUT_MS },
    forceCloseConnections: 'idle',
    // Requests that come while closing are refused by our own hook, with a problem body.
    return503OnClosing: false,
    genReqId: () => `${boot}-${(++requests).toString(36)}`,
    clientErrorHandler,
    frameworkErrors: (error, request, reply) => sendProblem(toProblem(error), request, reply),
  }).withTypeProvider<SchemaTypes>()
  const isStopping = { value: false }
  const streams = openStreams(deps)

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
    return reply.code(body.status).headers(problemHeaders(problem)).send(JSON.stringify(body))
  }

  // Sockets come first: a socket route registered before its plugin would become a plain GET.
  await app.register(websocket, {
    options: { maxPayload: MAX_FRAME, perMessageDeflate: false },
    errorHandler: (error, socket) => {
      deps.observe.requestFailed('socket', error)
      socket.terminate()
    },
  })
  // After the sockets' own hook, which has to know a socket to close it when the upgrade is refused.
  app.addHook('onRequest', (request, _reply, done) => {
    const refuses = isStopping.value && request.url !== '/healthz' && request.url !== '/readyz'
    done(refuses ? new Problem('shutting_down') : undefined)
  })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Order execution engine',
        description: 'Swaps on Solana DEXs: the best of Raydium and Meteora, landed exactly once.',
        version: deps.version,
      },
    },
  })
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true })

  // Every address answers a method it does not take with 405 and the ones it does.
  const allowed = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    if (url.startsWith('/docs')) return
    const set = allowed.get(url) ?? new Set<string>()
    for (const name of [method].flat()) set.add(name)
    allowed.set(url, set)
  })
  app.addHook('preValidation', originGuard(deps.allowedOrigins))
  if (deps.servesApi) {
    orderRoutes(app, deps, streams)
    marketRoutes(app, deps)
  }
  healthRoutes(app, deps, isStopping)
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  for (const [url, methods] of [...allowed]) refuseOthers(url, methods)

  function refuseOthers(url: string, methods: ReadonlySet<string>): void {
    const others = METHODS.filter((method) => !methods.has(method))
    const allow = [...methods].join(', ')
    app.route({
      method: others,
      url,
      schema: { hide: true },
      // The body of a request that is refused anyway is not looked at.
      onRequest: async () => {
        throw new Problem('method_not_allowed', { headers: { allow } })
      },
      handler: async () => undefined,
    })
  }

  return {
    listen: (host: string, port: number): Promise<string> => app.listen({ host, port }),
    /** Lets requests under way end, then cuts off whoever has not. */
    async close(): Promise<void> {
      const stopWaiting = deps.clock.after(CLOSE_GRACE_MS, () => app.server.closeAllConnections())
      await app.close()
      stopWaiting()
    },
    /** Refuses new work and tells every stream to come back elsewhere. */
    stopAccepting() {
      isStopping.value = true
      streams.close()
    },
  }
}

type Instance = {
  addContentTypeParser: ReturnType<typeof Fastify>['addContentTypeParser']
  removeAllContentTypeParsers(): unknown
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

function readBodies(app: Instance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer): Promise<unknown> => {
      const charset = /charset\s*=\s*"?([^";\s]+)/i.exec(request.headers['content-type'] ?? '')?.[1]
      const isUtf8 = charset === undefined || /^utf-?8$/i.test(charset)
      if (!isUtf8 || (request.headers['content-encoding'] ?? 'identity') !== 'identity') {
        throw new Problem('unsupported_media_type')
      }
      return readJsonObject(body)
    },
  )
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

/** What cannot even be parsed as HTTP is answered on the bare socket. */
function clientErrorHandler(
  error: NodeJS.ErrnoException & { code?: string },
  socket: Socket | IncomingMessage['socket'],
) {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  const codes: Readonly<Record<string, ProblemCode>> = {
    HPE_HEADER_OVERFLOW: 'headers_too_large',
    ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  }
  const problem = new Problem(codes[error.code ?? ''] ?? 'invalid_request')
  const body = problemBody(problem, 'none')
  const text = JSON.stringify(body)
  socket.end(
    `HTTP/1.1 ${body.status} Refused\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
  )
}
