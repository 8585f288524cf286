// Owns crash runs: engines under load are killed at random moments, started again, and judged. By hand:
//   npx tsx test/recovery/crashRuns.ts --runs 20 --runtime embedded|distributed [--seed N]
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { freshFolder } from '../embeddedFolder.ts'
import { type Load, openOrders, startLoad } from './client.ts'
import { killAll, type RunningEngine, type Settings, startEngine } from './engineProcess.ts'
import { judge, resumedAfterMs, type Verdict } from './judge.ts'

/** A market with everything in it that goes wrong on a bad day, but fast: a slot is 50 ms, a swap expires after a second. */
export const badDay: Settings = {
  SIM_SPEED: 'realistic',
  SIM_SLOT_MS: '50',
  SIM_LANDING_SLOTS: '1-3',
  SIM_QUOTE_LATENCY_MS: '10-60',
  SIM_DROP_RATE: '0.1',
  SIM_SEND_ERROR_RATE: '0.2',
  SIM_LAG_SLOTS: '2',
  SIM_BLOCKHASH_BLOCKS: '20',
  SIM_FINALITY_BLOCKS: '4',
  REBROADCAST_MS: '300',
  RETRY_BACKOFF_MS: '50',
}

export const CLIENTS = 16
export const PAUSE_MS = 10
const END_PATIENCE_MS = 60_000

export type CrashReport = Verdict & {
  readonly kills: number
  /** Per kill: orders in flight, and how long after readiness the last of them had moved on. */
  readonly resumed: readonly { readonly inFlight: number; readonly afterMs: number }[]
  readonly seed: number
}

/** Repeatable chance: the same seed, the same moments. */
export function chanceFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32
  }
}

/** One folder, many lives: each ends by kill -9 after up to a second of load. */
export async function crashEmbedded(
  kills: number,
  seed: number,
  settings: Settings = badDay,
): Promise<CrashReport> {
  const chance = chanceFrom(seed)
  const folder = await freshFolder()
  const start = () => startEngine({ ...settings, DATA_DIR: folder.path })
  try {
    let engine = await start()
    const load = startLoad(`seed-${seed}`, () => engine.url, CLIENTS, PAUSE_MS)
    const resumed: CrashReport['resumed'][number][] = []
    for (let i = 0; i < kills; i++) {
      await sleep(200 + chance() * 1_000)
      await engine.kill()
      engine = await start()
      resumed.push(await timeToResume(engine.url, engine.readyAtMs, 5_000))
    }
    return { ...(await conclude(engine, load)), kills, resumed, seed }
  } finally {
    await killAll()
    folder.remove()
  }
}

export async function timeToResume(url: string, sinceMs: number, limitMs: number) {
  const inFlight = await openOrders(url)
  return { inFlight: inFlight.length, afterMs: await resumedAfterMs(url, inFlight, sinceMs, 2 * limitMs) }
}

/** Ends the load and judges. */
export async function conclude({ url }: Pick<RunningEngine, 'url'>, load: Load): Promise<Verdict> {
  await load.stop()
  const verdict = await judge(url, load.acknowledged.values(), END_PATIENCE_MS)
  const surplus = verdict.orders - load.keys.length
  return {
    ...verdict,
    faults: [
      ...verdict.faults,
      ...load.refusals,
      ...(surplus === 0 ? [] : [`${verdict.orders} orders for ${load.keys.length} keys`]),
    ],
  }
}

// ---- by hand ------------------------------------------------------------------------------------------------------

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '20' },
      runtime: { type: 'string', default: 'embedded' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  })
  const { crashDistributed } = await import('./crashDistributed.ts')
  const crash = values.runtime === 'distributed' ? crashDistributed : crashEmbedded
  const report = await crash(Number(values.runs), Number(values.seed))
  const times = report.resumed.map(({ afterMs }) => afterMs).sort((a, b) => a - b)
  const inFlight = report.resumed.reduce((sum, each) => sum + each.inFlight, 0)
  const lines = [
    `${values.runtime}: ${report.kills} times kill -9, ${report.orders} orders, seed ${report.seed}`,
    `in flight at a kill: ${inFlight}; moved on within ${times.at(times.length >> 1)} ms (median), ${times.at(-1)} ms (worst)`,
    `lost ${report.lost}, doubled ${report.doubled}, faults ${report.faults.length}`,
    ...report.faults.slice(0, 20),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  process.exit(report.faults.length === 0 ? 0 : 1)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main()
