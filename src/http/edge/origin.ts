// Owns CORS and the Origin check of sockets: our own pages may open sockets, those of ALLOWED_ORIGINS may use the whole API.
// A program sends no Origin and is let in. CSRF: a key travels in Authorization, which a browser never adds by itself, so
// no answer allows credentials.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../problems.ts'
import type { Addresses } from './publicAddress.ts'
import { securityHeaders } from './securityHeaders.ts'

type Done = (error?: Error) => void

/** Denies an upgrade from a foreign origin (cross-site WebSocket hijacking): browsers apply no CORS to sockets. */
export function originGuard(allowedOrigins: readonly string[], addresses: Addresses) {
  return ({ raw, ws }: FastifyRequest, _reply: FastifyReply, done: Done): void => {
    const { origin } = raw.headers
    const mayOpen =
      !ws || origin === undefined || allowedOrigins.includes(origin) || addresses.isOwn(origin, raw)
    done(mayOpen ? undefined : new Problem('origin_denied'))
  }
}

/** The headers that a page may read. */
const EXPOSED = [
  'location',
  'idempotency-replayed',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'allow',
  'www-authenticate',
].join(', ')

/**
 * Lets pages of the allowed origins read every answer. Set on the raw response, because shed orders and event streams do
 * not pass the framework's reply.
 */
export function shareAnswers(server: Server, allowedOrigins: readonly string[]): void {
  if (allowedOrigins.length === 0) return
  server.prependListener('request', ({ headers }: IncomingMessage, response: ServerResponse) => {
    response.setHeader('vary', 'origin')
    if (headers.origin === undefined || !allowedOrigins.includes(headers.origin)) return
    response.setHeader('access-control-allow-origin', headers.origin)
    response.setHeader('access-control-expose-headers', EXPOSED)
  })
}

/** A CORS preflight: the browser asks whether a page may send a request. */
const isPreflight = ({ method, headers }: Pick<FastifyRequest, 'method' | 'headers'>): boolean =>
  method === 'OPTIONS' &&
  headers.origin !== undefined &&
  headers['access-control-request-method'] !== undefined

/** Two hours, the most that Chrome keeps. */
const MAX_AGE_S = '7200'

/** For an address where there is nothing: the page may send any request, and reads the 404. */
const ANY_METHOD = 'GET, HEAD, POST, PUT, PATCH, DELETE'

/** Answers the preflights of allowed origins before any limit: the page reads from the request itself why it is denied. */
export function answerPreflights(allowedOrigins: readonly string[], allow: ReadonlyMap<string, string>) {
  return (request: FastifyRequest, reply: FastifyReply, done: Done): void => {
    const { headers } = request
    if (!isPreflight(request) || !allowedOrigins.includes(headers.origin ?? '')) {
      done()
      return
    }
    // Private network access: Chrome asks for a page on a public network before it reaches a private address.
    const isNear = headers['access-control-request-private-network'] === 'true'
    reply.code(204).headers({
      ...securityHeaders,
      'access-control-allow-methods': allow.get(request.routeOptions.url ?? '') ?? ANY_METHOD,
      'access-control-allow-headers': 'authorization, content-type, idempotency-key, if-match, last-event-id',
      'access-control-max-age': MAX_AGE_S,
      ...(isNear ? { 'access-control-allow-private-network': 'true' } : {}),
    })
    reply.send()
  }
}

/** Denies the preflights that are left: those of foreign origins. */
export function denyPreflights(request: FastifyRequest, _reply: FastifyReply, done: Done): void {
  done(isPreflight(request) ? new Problem('origin_denied') : undefined)
}
