// Child processes: start until ready, measure from /proc, end by pid.
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Something whose CPU and memory we report; a server that forks counts with all its children. */
export type Measured = { readonly name: string; readonly pid: number; readonly withChildren: boolean }

export type Running = Measured & { readonly stop: () => Promise<void> }

type Start = {
  readonly name: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  /** A URL that answers 200, or the line the process prints, once it is ready. */
  readonly ready: URL | string
}

const READY_LIMIT_MS = 60_000
const STOP_LIMIT_MS = 15_000
const TICK_MS = 10 // USER_HZ is 100 on every Linux we know
const TAIL_CHARS = 4_000
const LOADER = import.meta.resolve('tsx')

const children = new Set<ChildProcess>()
process.on('exit', killAll)

/** Ends at once all of our processes that still run. */
export function killAll() {
  for (const child of children) child.kill('SIGKILL')
}

/** Arguments that make Node run one of our TypeScript files. */
export const typescript = (file: URL, ...args: readonly string[]) => [
  '--import',
  LOADER,
  file.pathname,
  ...args,
]

function spawnNode(start: Omit<Start, 'ready' | 'name'>) {
  // Only named variables reach the child: a developer's own settings must not change the measurement.
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [...start.args], {
    cwd: start.cwd,
    env: { PATH, HOME, NODE_ENV: 'production', ...start.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.add(child)
  const said = { stdout: '', tail: '' }
  child.stdout.on('data', (chunk) => {
    said.stdout += chunk
    said.tail = (said.tail + chunk).slice(-TAIL_CHARS)
  })
  child.stderr.on('data', (chunk) => {
    said.tail = (said.tail + chunk).slice(-TAIL_CHARS)
  })
  const ended = new Promise<number>((resolve) => {
    child.on('close', (code) => {
      children.delete(child)
      resolve(code ?? -1)
    })
  })
  return { child, said, ended }
}

/** Starts a Node process and waits until it is ready; throws with its last output if it never is. */
export async function startNode(start: Start): Promise<Running> {
  const { child, said, ended } = spawnNode(start)
  const { ready, name } = start
  const isReady = async () =>
    ready instanceof URL
      ? await fetch(ready).then(
          (answer) => answer.ok,
          () => false,
        )
      : said.stdout.includes(ready)
  const limit = Date.now() + READY_LIMIT_MS
  while (!(await isReady())) {
    const isDead = child.exitCode !== null || child.signalCode !== null
    if (isDead || Date.now() > limit) {
      child.kill('SIGKILL')
      throw new Error(`${name} ${isDead ? 'ended' : 'was not ready in time'}:\n${said.tail}`)
    }
    await sleep(50)
  }
  const stop = async () => {
    child.kill('SIGTERM')
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
    await ended
    clearTimeout(killer)
  }
  return { name, pid: child.pid ?? 0, withChildren: false, stop }
}

/** Runs a Node program to its end and reads the one JSON line it prints. */
export async function runNode<Result>(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { said, ended } = spawnNode({ args, env })
  const code = await ended
  if (code !== 0)
    throw new Error(`${basename(args[2] ?? '')} ${args.slice(3).join(' ')} ended with ${code}:\n${said.tail}`)
  const result: Result = JSON.parse(said.stdout)
  return result
}

type Stat = {
  readonly pid: number
  readonly parent: number
  readonly ownMs: number
  readonly reapedMs: number
}

/** Fields after the closing bracket of the name: state, ppid, …, utime (14th of all), stime, cutime, cstime. */
function stat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15)
    return {
      pid,
      parent: fields[1] ?? 0,
      ownMs: (utime + stime) * TICK_MS,
      reapedMs: (cutime + cstime) * TICK_MS,
    }
  } catch {
    return undefined // ended meanwhile, or no /proc on this system
  }
}

const pids = () => readdirSync('/proc').map(Number).filter(Boolean)

/** CPU (user + system) since the process began, in ms; NaN where the system does not tell. */
export function cpuMs(process: Measured): number {
  const own = stat(process.pid)
  if (!own) return Number.NaN
  if (!process.withChildren) return own.ownMs
  const forked = pids()
    .map(stat)
    .filter((child) => child?.parent === process.pid)
  return forked.reduce((sum, child) => sum + (child?.ownMs ?? 0), own.ownMs + own.reapedMs)
}

/** CPU that this machine has spent on anything since it began, in ms; NaN where the system does not tell. */
export function machineCpuMs(): number {
  try {
    const fields = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/ +/).slice(1, 9) ?? []
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields.map(Number)
    return (user + nice + system + irq + softirq + steal) * TICK_MS
  } catch {
    return Number.NaN
  }
}

/** Peak resident memory in MB (VmHWM); NaN where the system does not tell. */
export function peakMemoryMb(process: Measured): number {
  try {
    const status = readFileSync(`/proc/${process.pid}/status`, 'utf8')
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024
  } catch {
    return Number.NaN
  }
}

/** A free port. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
