// Owns what routes are added to: the application, its requests typed by their schemas, and its paths that are known by name.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { SchemaTypes } from './requests/validation.ts'

export type Routes = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  SchemaTypes
>

/** Orders are placed here, by POST and over WebSocket. */
export const EXECUTE = '/api/orders/execute'
