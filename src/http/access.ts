// Owns who may do what: each route names what it takes, each request proves who is asking, or is refused.

import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import type { Principal, Scope } from '../domain/access.ts'
import type { KeyRing } from '../domain/ports/keys.ts'
import type { AddressLimits } from './addressLimits.ts'
import { Problem, problemOf } from './problems.ts'

/** What a route takes: nothing, a key, or a key with that scope. */
export type Access = 'public' | 'key' | Scope

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
  interface FastifyRequest {
    /** Whom the request comes from; on public routes null, whatever the request carries. */
    principal: Principal | null
  }
}

/** The subprotocol of our sockets. A page offers a second one that carries its ticket; that one is never chosen. */
const PROTOCOL = 'order-stream'
const TICKET_PREFIX = 'ticket.'

const LOOPBACK_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/

/** A host in one of the ways of writing it: lower case, no final dot, no port that goes without saying. */
const canonical = (host: string) =>
  host
    .toLowerCase()
    .replace(/:(80|443)$/, '')
    .replace(/\.(?=:|$)/, '')

type AccessDeps = {
  /** Hosts that mean us, beside the names of this machine. */
  readonly hosts: readonly string[]
  readonly limits: AddressLimits
}

/** Which subprotocol to accept: the answer must name one that the page has offered, and must not repeat its ticket. */
export const chooseProtocol = (offered: ReadonlySet<string>): string | false =>
  offered.has(PROTOCOL) ? PROTOCOL : false

/** A route that says nothing of access would be open to all: it is a defect, found when the server starts. */
export function demandAccess(route: RouteOptions): void {
  if (route.url.startsWith('/docs')) route.config = { ...route.config, access: 'public' }
  if (route.config?.access === undefined) throw new Error(`${route.url} does not say whom it is for`)
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
      await limits.refuseGuessing(request, reply)
      return known(await keys.redeemTicket(ticket))
    }
    return keyless(headers.host)
  }

  /**
   * A page from elsewhere whose name was made to point at this machine is of our origin, for its browser; but its
   * requests bear that name, and not one that always means this machine.
   */
  function keyless(host = ''): Principal {
    const name = canonical(host)
    const isTrusted = name === '' || LOOPBACK_NAME.test(name) || names.has(name)
    if (keys.keyless !== null && isTrusted) return keys.keyless
    throw new Problem('key_required', { headers: CHALLENGE })
  }

  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { access } = request.routeOptions.config
    if (request.is404 || access === 'public') return
    const principal = await prove(request, reply).catch((error: unknown) =>
      limits.refuseUnproved(problemOf(error), request, reply),
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

/** Whom the request of a route that takes a key comes from. */
export function principalOf({ principal }: FastifyRequest): Principal {
  if (principal === null) throw new Error('a public route asked who is asking')
  return principal
}

/** Throws a Problem unless one of the scopes is there. */
export function requireScope({ scopes }: Principal, needed: Scope | undefined): void {
  if (needed !== undefined && scopes.includes(needed)) return
  throw new Problem('scope_missing', { detail: `this takes a key with the scope ${needed}` })
}
