// Owns the route of tickets: single-use secrets with which a page opens a socket in place of its key.

import { principalOf } from '../access.ts'
import type { Routes } from '../app.ts'
import type { HttpDeps } from '../deps.ts'
import { ProblemBody, TicketIssued } from '../schemas/apiSchemas.ts'

/** A browser's WebSocket takes no Authorization header, and a key in the URL would end up in logs. */
export function ticketRoutes(app: Routes, { keys }: HttpDeps['access']): void {
  app.post(
    '/api/tickets',
    {
      config: { access: 'key' },
      schema: {
        summary: 'A ticket for one WebSocket, for pages, which cannot send a header with it.',
        response: { 201: TicketIssued, '4xx': ProblemBody, '5xx': ProblemBody },
      },
    },
    async (request, reply) => {
      const { ticket, expiresAt } = await keys.issueTicket(principalOf(request).owner)
      return reply.code(201).send({ ticket, expiresAt: new Date(expiresAt).toISOString() })
    },
  )
}
