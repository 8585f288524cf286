// Owns requests over node:http, for commands that ask once and end: loading the global fetch takes longer than all the rest of
// such a command.

import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'

/** What the client reads of an answer that is no stream. */
type Answer = Pick<Response, 'ok' | 'status' | 'text'> & { readonly headers: Pick<Headers, 'get'> }

type Init = {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal
}

/** As `fetch`, for what the client sends. A stream goes over the global one. */
export const quickFetch = ((url: string, init: Init = {}) =>
  init.headers?.accept === 'text/event-stream' ? fetch(url, init) : ask(url, init)) as typeof fetch

const ask = (url: string, { method = 'GET', headers = {}, body, signal }: Init): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? httpsRequest : httpRequest
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    request(url, { method, headers: { ...headers, ...length }, ...(signal === undefined ? {} : { signal }) })
      .once('error', reject)
      .once('response', (message) => resolve(answerOf(message)))
      .end(body)
  })

function answerOf(message: IncomingMessage): Answer {
  const { statusCode: status = 0, headers } = message
  return {
    ok: status >= 200 && status < 300,
    status,
    headers: { get: (name) => String(headers[name.toLowerCase()] ?? '') || null },
    text: () => text(message),
  }
}
