// Owns the entry: a library when imported, the program when started. It imports only what old versions of Node have. Any other
// import would fail there before the version check runs, because modules load before their first line.

import { readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Config } from './config.ts'
import type { Engine } from './engine.ts'

export type { Engine } from './engine.ts'

/** Starts an engine. If a part fails to start, the parts already open are closed. */
export async function start(config: Config): Promise<Engine> {
  const engine = await import('./engine.ts')
  return engine.start(config)
}

/** Whether Node was started with this file, also as a folder, without its extension, or through links. */
function isProgram(given: string | undefined): boolean {
  if (given === undefined) return false
  try {
    const found = createRequire(import.meta.url).resolve(given)
    return realpathSync(found) === realpathSync(fileURLToPath(import.meta.url))
  } catch {
    // Node was started without a file, for example with code on the command line.
    return false
  }
}

/** Throws when this Node is older than package.json asks for. */
function checkNode(version: string): void {
  const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const needed = String(engines.node).replace('>=', '')
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number)
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return
  throw new Error(
    `Node ${needed} or newer is needed; this is ${version}: install a newer one (https://nodejs.org).`,
  )
}

/** Runs the command that the arguments name; without one, the engine. Ends the process with one sentence when it cannot start. */
export function runProgram(args: readonly string[]): void {
  run(args).catch((error: Error & { code?: string }) => {
    const isIncomplete = error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND'
    const cure = isIncomplete ? ' Run "npm ci" and "npm run build" in the folder of the engine.' : ''
    process.stderr.write(`${error.message.split('\n')[0]}${cure}\n`)
    process.exit(1)
  })
}

async function run(args: readonly string[]): Promise<void> {
  checkNode(process.versions.node)
  const { main } = await import('./main.ts')
  await main(args)
}

if (isProgram(process.argv[1])) runProgram(process.argv.slice(2))
