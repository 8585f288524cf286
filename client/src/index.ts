// Owns what the package exports.

export { createClient } from './client.ts'
export { type ClientCode, type ErrorCode, type FieldError, OeeError } from './errors.ts'
export type {
  EventData,
  EventKind,
  Failure,
  GuardReport,
  Observation,
  OrderTerms,
  OrderType,
  PoolQuote,
  Quote,
  Route,
  RouteComparison,
  RouteLeg,
  Totals,
  VenueName,
  VenueRefusal,
  Waiting,
} from './generated/wire.ts'
export type { ClientOptions } from './http.ts'
export type * from './types.ts'
