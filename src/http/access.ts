// Owns access: each route states what it takes, and a request proves its principal or is denied.

import type { FastifyContextConfig, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import type { Principal, Scope } from '../domain/access.ts'
import type { KeyRing } from '../domain/ports/keys.ts'
import type { AddressLimits } from './addressLimits.ts'
import { Problem, problemOf } from './problems.ts'

/** What a route takes: nothing, a key, or a key with that scope. */
export type Access = 'public' | 'key' | Scope

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** A page for browsers: public, since the browser asks for it without a key; what it shows is asked for with one. */
    page?: true
  }
  interface FastifyRequest {
    /** The owner and scopes that the request has proved; on public routes null, whatever the request carries. */
    principal: Principal | null
  }
}

/** The subprotocol of our sockets. A page offers a second one that carries its ticket; that one is never chosen. */
const PROTOCOL = 'order-stream'
const TICKET_PREFIX = 'ticket.'

const LOOPBACK_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/

/** One spelling for each host: lower case, no final dot, no default port. */
const canonical = (host: string) =>
  host
    .toLowerCase()
    .replace(/:(80|443)$/, '')
    .replace(/\.(?=:|$)/, '')

type AccessDeps = {
  /** Hosts that are this engine's, beside the loopback names. */
  readonly hosts: readonly string[]
  readonly limits: AddressLimits
}

/** The subprotocol to accept: the answer must name one that the page has offered, and must not repeat its ticket. */
export const chooseProtocol = (offered: ReadonlySet<string>): string | false =>
  offered.has(PROTOCOL) ? PROTOCOL : false

export const accessOf = ({ access, page }: FastifyContextConfig): Access | undefined =>
  page === true ? 'public' : access

/** A route that states no access would be open to all: a defect, found when the server starts. */
export function demandAccess(routes: readonly RouteOptions[]): void {
  for (const { url, config } of routes) {
    if (accessOf(config ?? {}) === undefined) throw new Error(`${url} states no access`)
  }
}

/** Lets a request pass that proves what its route takes, before anything of its body is read. */
export function accessGuard(keys: KeyRing, { hosts, limits }: AccessDeps) {
  const names = new Set(hosts.map(canonical))

  async function prove(request: FastifyRequest, reply: FastifyReply): Promise<Principal> {
    const { headers } = request
    const { authorization } = headers
    if (authorization !== undefined) {
      return known(keys.authenticate(/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? ''))
    }
    const ticket = request.ws ? ticketIn(headers['sec-websocket-protocol']) : undefined
    if (ticket !== undefined) {
      await limits.denyGuessing(request, reply)
      return known(await keys.redeemTicket(ticket))
    }
    return keyless(headers.host)
  }

  /**
   * DNS rebinding: a hostile page can resolve its own name to 127.0.0.1 and so become same-origin. Its Host header still
   * carries that name, so without a key only loopback names and our own hosts are accepted.
   */
  function keyless(host = ''): Principal {
    const name = canonical(host)
    const isTrusted = name === '' || LOOPBACK_NAME.test(name) || names.has(name)
    if (keys.keyless !== null && isTrusted) return keys.keyless
    throw new Problem('key_required', { headers: CHALLENGE })
  }

  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const access = accessOf(request.routeOptions.config)
    if (request.is404 || access === 'public') return
    const principal = await prove(request, reply).catch((error: unknown) =>
      limits.denyUnproved(problemOf(error), request, reply),
    )
    if (access !== 'key') requireScope(principal, access)
    request.principal = principal
  }
}

const CHALLENGE = { 'www-authenticate': 'Bearer' }

function known(principal: Principal | null): Principal {
  if (principal === null) throw new Problem('key_invalid', { headers: CHALLENGE })
  return principal
}

function ticketIn(protocols: string | undefined): string | undefined {
  const offered = (protocols ?? '').split(',').map((name) => name.trim())
  return offered.find((name) => name.startsWith(TICKET_PREFIX))?.slice(TICKET_PREFIX.length)
}

/** The principal of a request to a route that takes a key. */
export function principalOf({ principal }: FastifyRequest): Principal {
  if (principal === null) throw new Error('a public route has no principal')
  return principal
}

/** Throws a Problem unless the principal has the scope. */
export function requireScope({ scopes }: Principal, needed: Scope | undefined): void {
  if (needed !== undefined && scopes.includes(needed)) return
  throw new Problem('scope_missing', { detail: `this takes a key with the scope ${needed}` })
}
