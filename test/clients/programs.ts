// Owns what the tests know about programs of others: which of them this machine has, and how they are run.
import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, test } from 'vitest'

function find(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  return folders
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/**
 * A suite that needs programs. Where one is missing it is shown as skipped, by its name, and `fn` is not called; with
 * REQUIRE_SERVICES=1 the file fails instead.
 */
export function describeWith(programs: readonly string[], name: string, fn: () => void): void {
  const missing = programs.filter((program) => find(program) === undefined)
  if (missing.length === 0) {
    describe(name, fn)
  } else if (process.env.REQUIRE_SERVICES === '1') {
    throw new Error(`"${name}" needs ${missing.join(' and ')}`)
  } else {
    describe.skip(name, () => {
      test(`every test of this suite: needs ${missing.join(' and ')}`, () => {})
    })
  }
}

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** Runs a program to its end. */
export function run(program: string, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(find(program) ?? program, args, { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr })
    })
  })
}
