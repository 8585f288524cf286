// Owns which web pages may open sockets: our own and those configured. Programs send no Origin and may.

import type { FastifyRequest } from 'fastify'
import { Problem } from './problems.ts'

/** Refuses an upgrade from a foreign origin before it happens. */
export function originGuard(allowedOrigins: readonly string[]) {
  return async ({ headers }: FastifyRequest): Promise<void> => {
    const { origin, upgrade, host } = headers
    if (origin === undefined || upgrade === undefined) return
    const isOurs = URL.canParse(origin) && new URL(origin).host === host
    if (!isOurs && !allowedOrigins.includes(origin)) throw new Problem('origin_denied')
  }
}
