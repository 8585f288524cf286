// Owns which web pages may open sockets: our own and those configured. Programs send no Origin and may.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from './problems.ts'

/** Refuses an upgrade from a foreign origin before it happens. */
export function originGuard(allowedOrigins: readonly string[]) {
  return ({ headers, ws }: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void => {
    const { origin, host } = headers
    const isUpgradeOfPage = origin !== undefined && ws
    const isOurs = URL.canParse(origin ?? '') && new URL(origin ?? '').host === host
    const isDenied = isUpgradeOfPage && !isOurs && !allowedOrigins.includes(origin)
    done(isDenied ? new Problem('origin_denied') : undefined)
  }
}
