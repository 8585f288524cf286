// How long an engine takes from opening its store until its watch knows all orders at rest, and what its memory then holds: a
// process of its own, started with --expose-gc.
import { setTimeout as sleep } from 'node:timers/promises'
import { openEngine } from './engine.ts'
import { createMarket } from './market.ts'
import { cpuUsSince } from './pace.ts'

export type Restored = {
  readonly ms: number
  readonly cpuMs: number
  /** Heap and what it holds outside of it, without the thread of the database. */
  readonly heldBytes: number
}

const SETTLE_MS = 3_000

const { dataDir }: { readonly dataDir: string } = JSON.parse(process.argv[2] ?? '')
const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()]
const engine = await openEngine(dataDir, createMarket())
await engine.loaded
const ms = performance.now() - startedAt
const cpuMs = cpuUsSince(cpuBefore) / 1_000
await sleep(SETTLE_MS)
globalThis.gc?.()
globalThis.gc?.()
const { heapUsed, external } = process.memoryUsage()
await engine.close()
const restored: Restored = { ms, cpuMs, heldBytes: heapUsed + external }
process.stdout.write(`${JSON.stringify(restored)}\n`)
