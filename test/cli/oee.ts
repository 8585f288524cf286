// Owns how tests run the command: the built program, with these settings and no others.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const OEE = fileURLToPath(new URL('../../dist/oee.js', import.meta.url))

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** A folder to work in, with `oee` on its PATH, as `npm link` puts it there. */
export function openShell(settings: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'order-engine-shell-'))
  // tsc writes no executables; npm makes them of what package.json names.
  chmodSync(OEE, 0o755)
  symlinkSync(OEE, join(folder, 'oee'))
  const env = { PATH: `${folder}:${process.env.PATH}`, ...settings }

  function start(command: string, more: Readonly<Record<string, string>> = {}) {
    const child = spawn('bash', ['-c', command], {
      cwd: folder,
      env: { ...env, ...more },
      // Not a pipe, which Node makes of sockets: bash takes one for a remote shell, and reads its own settings first.
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const said = { stdout: '', stderr: '' }
    child.stdout.on('data', (text) => {
      said.stdout += text
    })
    child.stderr.on('data', (text) => {
      said.stderr += text
    })
    const ended = once(child, 'close').then(([code]): Ended => ({ code, ...said }))
    return { child, said, ended }
  }

  return {
    folder,
    start,
    /** Runs a command line of bash to its end. */
    run: (command: string, more: Readonly<Record<string, string>> = {}) => start(command, more).ended,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
