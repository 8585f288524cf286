// Owns requests over node:http, for commands that ask once and end: loading the global fetch takes longer than all the rest of
// such a command.

import type { IncomingMessage, RequestOptions } from 'node:http'

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

async function ask(url: string, { method = 'GET', headers = {}, body, signal }: Init): Promise<Answer> {
  // TLS takes as long to load as all the rest.
  const { request } = await (url.startsWith('https:') ? import('node:https') : import('node:http'))
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const options: RequestOptions = { method, headers: { ...headers, ...length } }
  return new Promise((resolve, reject) => {
    request(url, signal === undefined ? options : { ...options, signal })
      .once('error', reject)
      .once('response', (message) => resolve(answerOf(message)))
      .end(body)
  })
}

function answerOf(message: IncomingMessage): Answer {
  const { statusCode: status = 0, headers } = message
  return {
    ok: status >= 200 && status < 300,
    status,
    headers: { get: (name) => String(headers[name.toLowerCase()] ?? '') || null },
    text: () => textOf(message),
  }
}

async function textOf(message: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of message.setEncoding('utf8')) text += part
  return text
}
