// Owns crash runs of the embedded runtime: one folder, many lives.
import { setTimeout as sleep } from 'node:timers/promises'
import { freshFolder } from '../embeddedFolder.ts'
import { badDay, type CrashReport, chanceFrom, concludeAll, loadOf, timeToResume } from './crashes.ts'
import { killAll, type Settings, startEngine } from './engineProcess.ts'

export const RESUME_EMBEDDED_MS = 5_000

/** Each life ends by kill -9 after about a second of load. */
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
    const load = loadOf(seed, () => engine.url)
    const resumed: CrashReport['resumed'][number][] = []
    for (let i = 0; i < kills; i++) {
      await sleep(200 + chance() * 1_000)
      await engine.kill()
      engine = await start()
      resumed.push(await timeToResume(engine.url, engine.readyAtMs, RESUME_EMBEDDED_MS))
    }
    return { ...(await concludeAll(engine.url, load)), kills, resumed, seed }
  } finally {
    await killAll()
    folder.remove()
  }
}
