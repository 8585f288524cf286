// An embedded engine that is killed loses nothing, doubles nothing, and goes on within seconds.
import { afterEach, expect, test } from 'vitest'
import { RESUME_EMBEDDED_MS } from './crashEmbedded.ts'
import { crash } from './crashRuns.ts'
import { killAll } from './engineProcess.ts'

const RUNS = Number(process.env.RECOVERY_RUNS ?? 1)
const KILLS = 3

afterEach(killAll)

for (let seed = 1; seed <= RUNS; seed++) {
  test(`after kill -9 under load every order ends once and resumes within ${RESUME_EMBEDDED_MS} ms, seed ${seed}`, async () => {
    const { lost, doubled, faults, resumed } = await crash.embedded(KILLS, seed)
    expect({ lost, doubled, faults }).toEqual({ lost: 0, doubled: 0, faults: [] })
    for (const { afterMs } of resumed) expect(afterMs).toBeLessThan(RESUME_EMBEDDED_MS)
    expect(Math.max(...resumed.map(({ inFlight }) => inFlight))).toBeGreaterThan(0)
  }, 120_000)
}
