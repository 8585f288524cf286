// Owns servers that a test may ill-treat: a Redis and a Postgres of its own, killed, paused, restarted by their pids.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SERVICES_SCRIPT = fileURLToPath(new URL('../../scripts/services.sh', import.meta.url))

/** Redis keeps what it was told (`aof`), or forgets all when it dies. */
type Memory = 'aof' | 'none'

export type OwnRedis = {
  readonly port: number
  readonly child: ChildProcess
  /** kill -9. */
  kill(): Promise<void>
  /** The same port again, after `kill`. */
  start(): Promise<void>
  /** Ends it and forgets what it kept. */
  remove(): Promise<void>
}

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0

/** As services.sh looks for it. */
const FIND_POSTGRES = 'command -v initdb || compgen -G "/usr/lib/postgresql/*/bin/initdb"'
export const hasPostgres = spawnSync('bash', ['-c', FIND_POSTGRES]).status === 0

export async function startRedis(memory: Memory = 'none', more: readonly string[] = []): Promise<OwnRedis> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'order-engine-redis-'))
  const keep =
    memory === 'aof' ? ['--appendonly', 'yes', '--appendfsync', 'everysec'] : ['--appendonly', 'no']
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...keep, ...more]
  let child = await start()

  async function start(): Promise<ChildProcess> {
    const started = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] })
    for await (const text of started.stdout) if (String(text).includes('Ready to accept')) break
    started.stdout.resume()
    return started
  }

  // Whoever started it may break down.
  const killAtExit = () => child.kill('SIGKILL')
  process.once('exit', killAtExit)

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  return {
    port,
    get child() {
      return child
    },
    kill,
    async start() {
      child = await start()
    },
    async remove() {
      await kill()
      process.off('exit', killAtExit)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A port on which nothing listens right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

export type OwnPostgres = {
  readonly url: string
  readonly port: number
  /** As after the crash of a server process: connections are dropped, and the log is read again. */
  restartAtOnce(): void
  /** SIGSTOP or SIGCONT to the server and all its sessions. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  remove(): void
}

/** Throws with what the script says when there is no Postgres here. */
export function startPostgres(): OwnPostgres {
  const folder = mkdtempSync(join(tmpdir(), 'order-engine-postgres-'))
  const data = join(folder, 'postgres')
  const script = (command: string) =>
    spawnSync('bash', [SERVICES_SCRIPT, command, folder], { encoding: 'utf8' })
  const started = script('start')
  const url = /^export TEST_PG_CONN=(.*)$/m.exec(started.stdout)?.[1]
  if (started.status !== 0 || url === undefined) throw new Error(started.stderr)
  const pidOf = () => Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0])
  return {
    url,
    port: Number(new URL(url).port),
    restartAtOnce() {
      const program = readFileSync(join(data, 'postmaster.opts'), 'utf8').split(' ')[0] ?? ''
      const command = [join(dirname(program), 'pg_ctl'), 'restart', '-m', 'immediate', '-w', '-s', '-D', data]
      const owned = process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--', ...command] : command
      const log = ['-l', join(folder, 'postgres.log')]
      const [name = '', ...args] = [...owned, ...log]
      const { status, stderr } = spawnSync(name, args, {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      if (status !== 0) throw new Error(`Postgres did not restart: ${stderr}`)
    },
    signal(signal) {
      const postmaster = pidOf()
      for (const pid of [postmaster, ...childrenOf(postmaster)]) process.kill(pid, signal)
    },
    remove() {
      script('stop')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}
