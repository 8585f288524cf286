// Owns the limits of one client address: requests and failed keys per minute, open streams at once. Counted in memory by
// this process; requests for the newest 5,000 addresses only, which bounds the memory.

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import rateLimit from '@fastify/rate-limit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Routes } from './app.ts'
import type { Addresses } from './edge/publicAddress.ts'
import { Problem, problemTable } from './problems.ts'

/** Null: not limited. A /64 of IPv6 counts as one address. */
export type AddressPolicy = {
  readonly requestsPerMinute: number | null
  readonly failedKeysPerMinute: number | null
  readonly sockets: number | null
}

export type AddressLimits = Awaited<ReturnType<typeof createAddressLimits>>

type Counted = { readonly max: number; readonly remaining: number; readonly ttlInSeconds: number }

const WINDOW_MS = 60_000
/** Sockets end as their orders do, within seconds as a rule; the exact time is unknown. */
const SOCKET_RETRY_S = '1'

export async function createAddressLimits(app: Routes, policy: AddressPolicy, { client }: Addresses) {
  const addressOf = ({ raw }: FastifyRequest) => rateLimit.normalizeIP(client(raw))
  await app.register(rateLimit, { global: false, keyGenerator: addressOf })
  const requests = createCounter(app, 'requests', policy.requestsPerMinute)
  const failures = createCounter(app, 'failed-keys', policy.failedKeysPerMinute)
  const sockets = new Map<string, number>()

  return {
    /** Denies the request of an address that has made as many as it may. */
    countRequest: requests && ((request: FastifyRequest, reply: FastifyReply) => requests(request, reply)),

    /** Counts a request that proved no principal, then throws its Problem, or the one of the limit. */
    async denyUnproved(problem: Problem, request: FastifyRequest, reply: FastifyReply): Promise<never> {
      if (problemTable[problem.code].status === 401) await failures?.(request, reply)
      throw problem
    },

    /** Stops redeeming tickets for an address that has used up its failed attempts (online guessing). */
    async denyGuessing(request: FastifyRequest, reply: FastifyReply): Promise<void> {
      await failures?.(request, reply, true)
    },

    /**
     * Counts a stream, over a socket or as server-sent events, until its connection or its answer closes; throws a Problem when
     * the address has as many as it may.
     */
    holdStream(request: FastifyRequest, carrier: Socket | ServerResponse = request.raw.socket): void {
      if (policy.sockets === null) return
      const address = addressOf(request)
      const open = sockets.get(address) ?? 0
      if (open >= policy.sockets) {
        const detail = `at most ${policy.sockets} at once`
        throw new Problem('too_many_sockets', { detail, headers: { 'retry-after': SOCKET_RETRY_S } })
      }
      if (carrier.destroyed) return
      sockets.set(address, open + 1)
      carrier.once('close', () => {
        const left = (sockets.get(address) ?? 1) - 1
        if (left > 0) sockets.set(address, left)
        else sockets.delete(address)
      })
    },
  }
}

/** Counts one kind of event of an address in a minute: adds its rate to the answer, or throws a Problem. */
function createCounter(app: Routes, name: string, max: number | null) {
  if (max === null) return null
  const count = app.createRateLimit({ max, timeWindow: WINDOW_MS })
  return async (request: FastifyRequest, reply: FastifyReply, isPeek = false): Promise<void> => {
    const counted = await count(request, { increment: !isPeek })
    // Only addresses on an allow list, and there is none.
    if (counted.isAllowed) return
    if (!isPeek) addRate(reply, headersOf(name, counted))
    const isBeyond = isPeek ? counted.remaining === 0 : counted.isExceeded
    if (!isBeyond) return
    const seconds = String(Math.max(1, counted.ttlInSeconds))
    throw new Problem('too_many_requests', {
      detail: `at most ${max} a minute; try again in ${seconds} s`,
      headers: { 'retry-after': seconds },
    })
  }
}

/** Rate limit headers as in draft-ietf-httpapi-ratelimit-headers. */
const headersOf = (name: string, { max, remaining, ttlInSeconds }: Counted) => ({
  'ratelimit-policy': `"${name}";q=${max};w=${WINDOW_MS / 1_000}`,
  ratelimit: `"${name}";r=${remaining};t=${Math.max(1, ttlInSeconds)}`,
})

/** Adds the headers of a limit to those of other limits of the same request: the fields are lists. */
export function addRate(reply: FastifyReply, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    const others = name.startsWith('ratelimit') ? reply.getHeader(name) : undefined
    reply.header(name, others === undefined ? value : `${others}, ${value}`)
  }
}
