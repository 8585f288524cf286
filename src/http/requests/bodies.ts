// Owns request bodies: read as JSON where the route takes one, ignored where it takes none. An empty body is no body,
// whatever its Content-Type: many clients send that header with each request.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../problems.ts'
import { readJsonObject } from './json.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The Content-Type header, as sent. */
    contentType: string | undefined
  }
}

const JSON_TYPE = 'application/json'
const JSON_IN_UTF8 = /^\s*application\/json\s*(;|$)/i

type Bodies = Pick<
  FastifyInstance,
  'addHook' | 'addContentTypeParser' | 'decorateRequest' | 'removeAllContentTypeParsers'
>

export function readBodies(app: Bodies): void {
  app.decorateRequest('contentType', undefined)
  // Fastify checks the type before it knows whether there is a body, and whether the route takes one: so it is shown one
  // type for all requests, and readBody checks the real one.
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const { headers } = request.raw
    request.contentType = headers['content-type']
    headers['content-type'] = JSON_TYPE
    done(request.is404 ? new Problem('not_found') : null, payload)
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(JSON_TYPE, { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) =>
    request.routeOptions.schema?.body === undefined ? undefined : readBody(request, body),
  )
}

/** Throws a Problem unless the body is a JSON object. Undefined when there is none: the route's schema denies that. */
function readBody({ contentType = '', headers }: FastifyRequest, body: Buffer): unknown {
  const isJson = JSON_IN_UTF8.test(contentType)
  if (body.length === 0 && !isJson) return undefined
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1] ?? 'utf-8'
  const encoding = headers['content-encoding'] || 'identity'
  const isPlain = body.length === 0 || encoding.toLowerCase() === 'identity'
  if (!isJson || !isPlain || !/^utf-?8$/i.test(charset)) throw new Problem('unsupported_media_type')
  return readJsonObject(body)
}
