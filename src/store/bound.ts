// Owns the types of statements that are bound to a database.

import type { Sql } from '../domain/ports/sql.ts'

/** A statement, asked of the database that it is bound to. */
type Bound<F> = F extends (sql: Sql, ...args: infer Args) => infer Answer ? (...args: Args) => Answer : never

export type AllBound<Statements> = { readonly [Name in keyof Statements]: Bound<Statements[Name]> }
