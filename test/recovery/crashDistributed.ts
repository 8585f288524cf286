// Owns crash runs of the distributed runtime: an api and two workers on one Postgres and one Redis, killed by turns.
import { setTimeout as sleep } from 'node:timers/promises'
import { freshDatabase } from '../services.ts'
import { badDay, type CrashReport, chanceFrom, concludeAll, loadOf, timeToResume } from './crashes.ts'
import { killAll, type RunningEngine, type Settings, startEngine } from './engineProcess.ts'

export const RESUME_DISTRIBUTED_MS = 15_000

type Role = 'api' | 'worker'

/** Which processes die: seat 0 is the api, 1 and 2 are workers; sooner or later one of them produces the blocks. */
const victims = [[1], [0], [1, 2], [2], [0, 1, 2]] as const
const roles: readonly Role[] = ['api', 'worker', 'worker']

export async function crashDistributed(
  kills: number,
  seed: number,
  settings: Settings = badDay,
): Promise<CrashReport> {
  const chance = chanceFrom(seed)
  const database = await freshDatabase()
  const shared = {
    ...settings,
    PG_CONN: database.pgConn,
    REDIS_URL: database.redisUrl,
    QUEUE_PREFIX: database.queuePrefix,
  }
  const startIn = (seat: number) => startEngine({ ...shared, ROLE: roles[seat] ?? 'worker' })
  try {
    const seats: RunningEngine[] = []
    for (const seat of roles.keys()) seats.push(await startIn(seat))
    const api = () => seats[0]?.url ?? ''
    const load = loadOf(seed, api)
    const resumed: CrashReport['resumed'][number][] = []
    for (let i = 0; i < kills; i++) {
      await sleep(200 + chance() * 1_000)
      const dying = victims[Math.floor(chance() * victims.length)] ?? [1]
      await Promise.all(dying.map((seat) => seats[seat]?.kill()))
      const born = await Promise.all(dying.map(startIn))
      dying.forEach((seat, j) => {
        const engine = born[j]
        if (engine !== undefined) seats[seat] = engine
      })
      const readyAtMs = Math.max(...born.map((engine) => engine.readyAtMs))
      resumed.push(await timeToResume(api(), readyAtMs, RESUME_DISTRIBUTED_MS))
    }
    return { ...(await concludeAll(api(), load)), kills, resumed, seed }
  } finally {
    await killAll()
    await database.drop()
  }
}
