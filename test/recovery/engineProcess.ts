// Owns real engine processes: the built program, started as an operator would, and ended by every means there is.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { FreshDatabase } from '../support/services.ts'

const ENTRY = fileURLToPath(new URL('../../dist/index.js', import.meta.url))
/** The same program, but that it dies at the point of CRASH_AT. */
const CRASHING = fileURLToPath(new URL('crashingEngine.mjs', import.meta.url))
const START_TIMEOUT_MS = 60_000
const POLL_MS = 20
/** Where a process that died before it listened can be asked, and does not answer. */
const NOWHERE = 'http://127.0.0.1:9'

export type Settings = Readonly<Record<string, string>>

export type Exit = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** A process that has been started, whatever becomes of it. */
export type Started = {
  readonly child: ChildProcess
  readonly exited: Promise<Exit>
  /** What it has said so far. */
  output(): string
  /** kill -9, and gone when this resolves. */
  kill(): Promise<void>
}

export type RunningEngine = Started & { readonly url: string }

const started = new Set<ChildProcess>()
// Whoever started them may break down.
process.once('exit', () => {
  for (const child of started) child.kill('SIGKILL')
})

/** How the program is started when not as `node dist/index.js` away from the project, whose .env must not count. */
export type Way = {
  readonly node?: readonly string[]
  readonly cwd?: string
  /** A command that runs the one behind it, in a namespace of its own say. */
  readonly through?: readonly string[]
}

/** Starts one process of a distributed engine on those servers. */
export const startRole = (
  role: 'api' | 'worker',
  { pgConn, redisUrl, queuePrefix }: FreshDatabase,
  more: Settings,
): Promise<RunningEngine> =>
  startEngine({ ROLE: role, PG_CONN: pgConn, REDIS_URL: redisUrl, QUEUE_PREFIX: queuePrefix, ...more })

/** Starts the program with these settings and no others. Without arguments it is the engine. */
export function launch(settings: Settings, args: readonly string[] = [], way: Way = {}): Started {
  if (!existsSync(ENTRY)) throw new Error(`${ENTRY} is missing: run "npm run build" first`)
  const env = { PATH: process.env.PATH ?? '', PORT: '0', LOG_LEVEL: 'warn', ...settings }
  const entry = settings.CRASH_AT === undefined ? ENTRY : CRASHING
  const program = [process.execPath, ...(way.node ?? [entry]), ...args]
  const [command = '', ...rest] = [...(way.through ?? []), ...program]
  const child = spawn(command, rest, {
    cwd: way.cwd ?? tmpdir(),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.add(child)
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (text) => {
    said.stdout += text
  })
  child.stderr.on('data', (text) => {
    said.stderr += text
  })
  const exited = once(child, 'close').then(([code]): Exit => {
    started.delete(child)
    return { code, ...said }
  })
  return {
    child,
    exited,
    output: () => said.stdout + said.stderr,
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/**
 * Starts an engine and waits until it is ready; throws with what it said when it ends instead. One that was told to die may
 * do so before anybody has seen it ready: it takes up the orders it finds before it listens.
 */
export async function startEngine(settings: Settings, way: Way = {}): Promise<RunningEngine> {
  const engine = launch(settings, [], way)
  const url = () => /http:\/\/(?:[\d.]+|\[[\da-f:]+\]):\d+/.exec(engine.output())?.[0]
  const deadline = Date.now() + START_TIMEOUT_MS
  while (Date.now() < deadline && engine.child.exitCode === null && engine.child.signalCode === null) {
    const listening = url()
    if (listening !== undefined && (await isReady(listening))) return { ...engine, url: listening }
    await sleep(POLL_MS)
  }
  const hasDiedAsTold = settings.CRASH_AT !== undefined && engine.child.signalCode === 'SIGKILL'
  if (hasDiedAsTold) return { ...engine, url: url() ?? NOWHERE }
  await engine.kill()
  throw new Error(`the engine did not become ready: ${engine.output()}`)
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok
  } catch {
    return false
  }
}

/** Ends whatever this file has started and not ended. */
export async function killAll(): Promise<void> {
  for (const child of started) child.kill('SIGKILL')
  while (started.size > 0) await sleep(POLL_MS)
}
