// Owns how a command ends: its exit codes, and the faults that end it with one sentence.

export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3 } as const

/** What a shell receives. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Ends a command: its message is one sentence that names the fault and, behind a colon, what to try. */
export class CommandFault extends Error {
  readonly exitCode: ExitCode
  /** Stable, as scripts and searches know the fault; null where the sentence is all there is. */
  readonly code: string | null

  constructor(exitCode: ExitCode, code: string | null, message: string) {
    super(message)
    this.exitCode = exitCode
    this.code = code
  }
}

/** Arguments that mean nothing. Their text is not repeated: it may hold a key. */
export class UsageError extends CommandFault {
  constructor(message: string) {
    super(EXIT.usage, null, message)
  }
}

/** Why a running engine has ended. */
export const explainEnd = (error: Error & { code?: string }): string | undefined =>
  error.code === 'FOLDER_LOST' ? error.message : error.stack
