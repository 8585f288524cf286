// Owns the requests: one attempt, what its answer means, and its retries.

import { type FieldError, OeeError, withDetails } from './errors.ts'
import { type Limit, openLimit, sleep } from './limit.ts'
import { delayBefore, isTransient, isUnknown } from './retry.ts'
import type { CallOptions } from './types.ts'

export type ClientOptions = {
  /** Where the engine is, such as `http://127.0.0.1:3000`; a path of it is kept. */
  readonly url: string
  readonly apiKey?: string
  /** For a whole call, its retries included: 30 s when absent. An attempt that takes a third of it is repeated. */
  readonly timeoutMs?: number
  /** How often a call is repeated at most: 4 times when absent. */
  readonly maxRetries?: number
  readonly fetch?: typeof fetch
  /**
   * Streams over WebSocket, for pages: over HTTP/1.1 a browser opens six connections to a server at most, and each stream over
   * `fetch` holds one. Where no socket opens, `fetch` carries the stream. Node has no WebSocket before 22.
   */
  readonly sockets?: boolean
}

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

export type Request = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Query
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** The request must not be carried out twice: it is repeated only where it surely was not. */
  readonly isOnce?: boolean
}

export type Http = ReturnType<typeof createHttp>

const PARTS_OF_TIMEOUT = 3

export function createHttp(options: ClientOptions) {
  const { apiKey, timeoutMs: defaultMs = 30_000, maxRetries = 4, sockets = false } = options
  const base = new URL(options.url).href.replace(/\/+$/, '')
  // Called as a function of its own: browsers refuse a fetch that is called as a method of another object.
  const send = options.fetch ?? ((url: string, init: RequestInit) => fetch(url, init))

  /** The answer's head, once it has come; rejects with an OeeError. */
  async function open(request: Request, { signal }: Limit): Promise<Response> {
    const { method, path, query = {}, body, headers = {} } = request
    const response = await send(`${base}${path}${queryText(query)}`, {
      method,
      headers: {
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A redirect would carry the key elsewhere, or turn a POST into a GET.
      redirect: 'manual',
      signal,
    }).catch((error: unknown) => {
      throw connectionError(error, signal)
    })
    if (response.ok) return response
    throw problemOf(response, await textOf(response, signal))
  }

  async function attempt<T>(request: Request, deadline: AbortSignal, ms: number): Promise<T> {
    const limit = openLimit(deadline, ms)
    try {
      const response = await open(request, limit)
      const text = await textOf(response, limit.signal)
      const value = parsed(text)
      if (value === undefined) throw badAnswer(response)
      return value as T
    } finally {
      limit.close()
    }
  }

  /** Rejects with an OeeError; the error of the last attempt where retries have not helped. */
  async function call<T>(request: Request, callOptions: CallOptions = {}): Promise<T> {
    const { signal, timeoutMs = defaultMs } = callOptions
    const endsAt = Date.now() + timeoutMs
    const limit = openLimit(signal, timeoutMs)
    const attemptMs = maxRetries === 0 ? timeoutMs : Math.ceil(timeoutMs / PARTS_OF_TIMEOUT)
    let isAmbiguous = false
    try {
      for (let retry = 0; ; retry += 1) {
        const error = await attempt<T>(request, limit.signal, attemptMs).then(
          (value) => ({ value }),
          (reason: unknown) => reason as OeeError,
        )
        if ('value' in error) return error.value
        isAmbiguous ||= request.method !== 'GET' && (isUnknown(error) || limit.signal.aborted)
        const delay = delayBefore(retry, error)
        const isLast =
          retry >= maxRetries ||
          !isTransient(error) ||
          (request.isOnce === true && isUnknown(error)) ||
          delay === null ||
          Date.now() + delay >= endsAt
        if (limit.signal.aborted || isLast) throw withDetails(error, { isAmbiguous })
        await sleep(delay, limit.signal).catch((reason: OeeError) => {
          throw withDetails(reason, { isAmbiguous })
        })
      }
    } finally {
      limit.close()
    }
  }

  const attemptMs = Math.ceil(defaultMs / PARTS_OF_TIMEOUT)

  /** What a socket offers: with a key also a ticket in place of it, since a browser sends no header with a socket. */
  async function protocols(signal: AbortSignal): Promise<string[]> {
    if (apiKey === undefined) return []
    const request = { method: 'POST', path: '/api/tickets' } as const
    const { ticket } = await call<{ readonly ticket: string }>(request, { signal, timeoutMs: attemptMs })
    return ['order-stream', `ticket.${ticket}`]
  }

  return { base, call, open, maxRetries, attemptMs, sockets, protocols }
}

export function queryText(query: Query): string {
  const words = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) words.set(name, String(value))
  }
  const text = words.toString()
  return text === '' ? '' : `?${text}`
}

/** What the signal was aborted for, or that the connection failed. */
export const connectionError = (error: unknown, { aborted, reason }: AbortSignal): OeeError =>
  aborted ? reason : new OeeError('unreachable', 'The engine cannot be reached.', { cause: error })

const textOf = (response: Response, signal: AbortSignal): Promise<string> =>
  response.text().catch((error: unknown) => {
    throw connectionError(error, signal)
  })

/** Undefined for what is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const badAnswer = ({ status, headers }: Response): OeeError =>
  new OeeError('bad_answer', `The answer (status ${status}) is not one of an engine.`, {
    status,
    retryAfterMs: retryAfterOf(headers),
  })

type Problem = {
  readonly code: string
  readonly title?: string
  readonly detail?: string
  readonly requestId?: string
  readonly errors?: readonly FieldError[]
}

function problemOf(response: Response, text: string): OeeError {
  const body = parsed(text) as Partial<Problem> | null | undefined
  if (typeof body?.code !== 'string') return badAnswer(response)
  const { code, title = code, detail, requestId = null, errors = [] } = body
  return new OeeError(code, detail === undefined ? title : `${title} (${detail})`, {
    status: response.status,
    requestId,
    errors,
    retryAfterMs: retryAfterOf(response.headers),
  })
}

/** Retry-After in seconds or as a date (RFC 9110, 10.2.3). */
function retryAfterOf(headers: Headers): number | null {
  const text = headers.get('retry-after')
  if (text === null) return null
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : null
}
