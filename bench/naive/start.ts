// Starts the naive baseline: one API process, one worker process.
import type { Target } from '../measure.ts'
import { freePort, type Running, startNode, typescript } from '../processes.ts'
import type { Servers } from '../servers.ts'
import { sqlStore } from '../sqlStore.ts'

const API = new URL('./api.ts', import.meta.url)
const WORKER = new URL('./worker.ts', import.meta.url)

/** How many jobs it works on at once, and whether there is anything to trade on. */
export type Naive = { readonly slots: number; readonly world: 'simulated' | 'none' }

export async function startNaive(servers: Servers, { slots, world }: Naive): Promise<Target> {
  const { pgConn, redisUrl } = await servers.empty()
  const env = { PG_CONN: pgConn, REDIS_URL: redisUrl, CONCURRENCY: String(slots), WORLD: world }
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const store = await sqlStore(pgConn)
  const started: Running[] = []
  const stop = async () => {
    await Promise.all(started.map((running) => running.stop()))
    await store.close()
  }
  try {
    const apiEnv = { ...env, PORT: String(port) }
    const ready = new URL('/readyz', url)
    started.push(await startNode({ name: 'api', args: typescript(API), env: apiEnv, ready }))
    started.push(await startNode({ name: 'worker', args: typescript(WORKER), env, ready: 'ready' }))
    return { ...store, url, processes: started, servers: servers.processes, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
