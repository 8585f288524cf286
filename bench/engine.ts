// Starts the engine as its users do, with the command of `npm start`, in either runtime, and reads the progress of its store.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Confirmed, Counts, Target } from './measure.ts'
import { freePort, type Running, startNode } from './processes.ts'
import type { Servers } from './servers.ts'
import { sqlStore } from './sqlStore.ts'

/** How the simulated world passes time: not at all, or as mainnet would. */
export type Speed = 'instant' | 'realistic'

const ROOT = new URL('..', import.meta.url)
const { scripts } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'))
const [, ...flags] = String(scripts.start).split(' ')
const entry = flags.pop() ?? ''
/** What `npm start` gives to Node. */
export const NODE_FLAGS: readonly string[] = flags
const START_ARGS = [...flags, new URL(entry, ROOT).pathname]
const PAGE = 1_000

type Page = {
  readonly orders: readonly { readonly orderId: string; readonly updatedAt: string }[]
  readonly nextCursor: string | null
}

/** Builds first, so that the present sources are measured. */
export function buildEngine(): void {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' })
  if (status !== 0) throw new Error('the engine does not build')
}

async function startProcess(name: string, env: Readonly<Record<string, string>>, cwd: string) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const running = await startNode({
    name,
    args: START_ARGS,
    env: { HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'warn', ...env },
    cwd, // away from a developer's .env
    ready: new URL('/readyz', url),
  })
  return { url, running }
}

export async function startEmbedded(speed: Speed): Promise<Target> {
  const dir = mkdtempSync(join(tmpdir(), 'oee-bench-embedded-'))
  const remove = () => rmSync(dir, { recursive: true, force: true })
  process.once('exit', remove)
  try {
    const env = { DATA_DIR: join(dir, 'data'), SIM_SPEED: speed }
    const { url, running } = await startProcess('engine', env, dir)
    return {
      url,
      processes: [running],
      servers: [],
      counts: () => countsFromMetrics(url),
      confirmedAmong: (ids) => confirmedByPaging(url, ids),
      stop: () => running.stop().finally(remove),
    }
  } catch (error) {
    remove()
    throw error
  }
}

export async function startDistributed(servers: Servers, speed: Speed): Promise<Target> {
  const dir = mkdtempSync(join(tmpdir(), 'oee-bench-distributed-'))
  const { pgConn, redisUrl } = await servers.empty()
  const env = { PG_CONN: pgConn, REDIS_URL: redisUrl, SIM_SPEED: speed }
  const store = await sqlStore(pgConn)
  const started: Running[] = []
  const stop = async () => {
    await Promise.all(started.map((running) => running.stop()))
    await store.close()
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    const api = await startProcess('api', { ...env, ROLE: 'api' }, dir)
    started.push(api.running)
    const worker = await startProcess('worker', { ...env, ROLE: 'worker' }, dir)
    started.push(worker.running)
    return { ...store, url: api.url, processes: started, servers: servers.processes, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The embedded store has one user, the engine itself; its own counter is the cheapest way to ask. */
async function countsFromMetrics(url: string): Promise<Counts> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const samples = text.matchAll(/^oee_orders_closed_total\{[^}]*status="(\w+)"[^}]*\} (\d+)/gm)
  const counts: Record<string, number> = {}
  for (const [, status = '', count] of samples) counts[status] = Number(count)
  return counts
}

async function confirmedByPaging(url: string, ids: readonly string[]): Promise<Confirmed> {
  const expected = new Set(ids)
  let [count, lastAtMs] = [0, 0]
  let cursor: string | null = ''
  while (cursor !== null) {
    const query = new URLSearchParams({ status: 'confirmed', limit: String(PAGE), ...(cursor && { cursor }) })
    const answer = await fetch(`${url}/api/orders?${query}`)
    if (!answer.ok) throw new Error(`GET /api/orders?${query}: ${answer.status} ${await answer.text()}`)
    const page = (await answer.json()) as Page
    for (const { orderId, updatedAt } of page.orders) {
      if (!expected.delete(orderId)) continue
      count += 1
      lastAtMs = Math.max(lastAtMs, Date.parse(updatedAt))
    }
    cursor = page.nextCursor
  }
  return { count, lastAtMs }
}
