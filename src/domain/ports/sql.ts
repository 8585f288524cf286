// Owns the port of SQL: one Postgres, wherever it runs.

export type SqlRow = Readonly<Record<string, unknown>>

/** One Postgres, wherever it runs. Rejects with StoreUnavailable when it is out of reach or does not answer in time. */
export interface Sql {
  query<Row extends SqlRow>(text: string, params?: readonly unknown[]): Promise<Row[]>
  /** Runs several statements as one transaction. */
  script(text: string): Promise<void>
  close(): Promise<void>
}

/** Rejected by a write whose outcome is not known or did not happen: try again later, nothing is half-written. */
export class StoreUnavailable extends Error {}
