// Owns what the tests know about programs of others: which of them this machine has, and how they are run.
import { execFile, spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, resolve } from 'node:path'
import { describe, test } from 'vitest'

/** Debian's own, for which Debian packages the libraries, whatever other Python comes first on PATH. */
export const PYTHON = '/usr/bin/python3'
/** What Go takes to compile its standard library on a busy machine, and more. */
const RUN_MS = 110_000

/** A package of Debian for its Python, such as `python3-requests`. */
const isPythonPackage = (name: string) => name.startsWith('python3-')

function has(name: string): boolean {
  if (!isPythonPackage(name)) return find(name) !== undefined
  return spawnSync(PYTHON, ['-c', `import ${name.slice('python3-'.length)}`]).status === 0
}

export function find(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  return folders
    .map((folder) => resolve(folder, program))
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
 * A suite that needs programs, or packages of Debian's Python. Where one is missing it is shown as skipped, by its name, and
 * `fn` is not called; with REQUIRE_SERVICES=1 the file fails instead.
 */
export function describeWith(programs: readonly string[], name: string, fn: () => void): void {
  const missing = programs.filter((program) => !has(program))
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
export function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return new Promise((done) => {
    execFile(
      find(program) ?? program,
      args,
      { timeout: RUN_MS, env: { ...process.env, ...env } },
      (error, stdout, stderr) => {
        done({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr })
      },
    )
  })
}
