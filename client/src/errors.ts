// Owns the one error of the client: what went wrong, as a code that a program can act on.

import type { components } from './generated/api.ts'

/** What the client itself finds; every other code is the engine's. */
export type ClientCode =
  /** No connection, or it broke before the answer was complete. */
  | 'unreachable'
  | 'timeout'
  | 'aborted'
  /** The order has ended without the status that was waited for. */
  | 'ended'
  /** The answer is none of an engine: a proxy's page, or JSON cut short. */
  | 'bad_answer'

/** A newer engine may have further codes: they pass. */
export type ErrorCode = ClientCode | components['schemas']['Problem']['code'] | (string & {})

export type FieldError = { readonly field: string; readonly code: string; readonly detail: string }

type Details = {
  readonly status?: number | null
  readonly requestId?: string | null
  readonly errors?: readonly FieldError[]
  readonly retryAfterMs?: number | null
  readonly idempotencyKey?: string | null
  readonly isAmbiguous?: boolean
  readonly cause?: unknown
}

export class OeeError extends Error {
  override readonly name = 'OeeError'
  readonly code: ErrorCode
  /** Of the answer; null where there was none. */
  readonly status: number | null
  /** By which the engine's logs know the request. */
  readonly requestId: string | null
  /** The fields at fault, where the engine names them. */
  readonly errors: readonly FieldError[]
  /** How long the engine asks to wait, where it does. */
  readonly retryAfterMs: number | null
  /** Of a `place` that failed: the same order with the same key continues it, and never places a second one. */
  readonly idempotencyKey: string | null
  /** Whether the request may have been carried out nevertheless: its answer is not known. */
  readonly isAmbiguous: boolean

  constructor(code: ErrorCode, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause })
    this.code = code
    this.status = details.status ?? null
    this.requestId = details.requestId ?? null
    this.errors = details.errors ?? []
    this.retryAfterMs = details.retryAfterMs ?? null
    this.idempotencyKey = details.idempotencyKey ?? null
    this.isAmbiguous = details.isAmbiguous ?? false
  }
}

/** The same error, with what only the call knows. */
export const withDetails = (error: OeeError, details: Details): OeeError =>
  new OeeError(error.code, error.message, { ...error, cause: error.cause, ...details })
