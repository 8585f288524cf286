// Owns what errors become in answers: one Problem each, whether a route threw it or the framework did.

import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Observe } from '../observe.ts'
import { addRate } from './addressLimits.ts'
import type { Routes } from './app.ts'
import { Problem, type ProblemCode, problemBody, problemHeaders, problemOf } from './problems.ts'

export type ErrorAnswers = ReturnType<typeof createErrorAnswers>

export function createErrorAnswers(observe: Observe) {
  function send(problem: Problem, request: FastifyRequest, reply: FastifyReply) {
    const body = problemBody(problem, request.id, request.url.split('?')[0]?.slice(0, 200))
    observe.denied(problem.code, request.id)
    // Not every problem has passed our hooks: a malformed address ends before them.
    addRate(reply, problemHeaders(problem))
    return reply.code(body.status).send(JSON.stringify(body))
  }

  return {
    /** For errors of the framework before any route is found. */
    onFrameworkError: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      void send(toProblem(error), request, reply),

    /** Takes over all other errors of the application, and addresses where there is nothing. */
    install(app: Routes): void {
      app.setErrorHandler((error: FastifyError, request, reply) => {
        const problem = toProblem(error)
        if (problem.code === 'internal_error') observe.requestFailed(request.id, error)
        return send(problem, request, reply)
      })
      app.setNotFoundHandler((request, reply) => send(new Problem('not_found'), request, reply))
    },
  }
}

const frameworkCodes: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
  FST_ERR_BAD_URL: 'not_found',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
  FST_ERR_ASYNC_CONSTRAINT: 'invalid_request',
}

/** A framework error without a code here is the client's fault, unless its status is 5xx or missing. */
function toProblem(error: FastifyError | Error): Problem {
  const problem = problemOf(error)
  if (problem.code !== 'internal_error') return problem
  const code = 'code' in error ? frameworkCodes[error.code] : undefined
  if (code !== undefined) return new Problem(code)
  const isClientFault = 'statusCode' in error && (error.statusCode ?? 500) < 500
  return isClientFault ? new Problem('invalid_request') : problem
}
