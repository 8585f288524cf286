// Owns fuzzing from the command line: npm run fuzz -- [--bodies N] [--frames N] [--seed S] [--url http://…]. Starts the
// built engine with a database of its own unless a URL names another, and says how often each answer came.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { fuzzBodies, fuzzFrames, type Tally } from '../test/engine/fuzzing.ts'

const ENGINE = fileURLToPath(new URL('../dist/index.js', import.meta.url))
const DEFAULTS = { bodies: '10000', frames: '2000' }

const { values } = parseArgs({
  options: {
    bodies: { type: 'string', default: DEFAULTS.bodies },
    frames: { type: 'string', default: DEFAULTS.frames },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    url: { type: 'string' },
  },
})

const say = (text: string) => process.stdout.write(`${text}\n`)

async function startEngine() {
  const folder = mkdtempSync(join(tmpdir(), 'order-engine-fuzz-'))
  const env = {
    PATH: process.env.PATH ?? '',
    PORT: '0',
    SIM_SPEED: 'instant',
    DATA_DIR: join(folder, 'data'),
  }
  const child = spawn(process.execPath, [ENGINE], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /"url":"([^"]+)"/.exec(line)?.[1]
    if (url === undefined) continue
    child.stdout.resume()
    const stop = async () => {
      child.kill('SIGTERM')
      await exited
      rmSync(folder, { recursive: true })
    }
    return { url, stop, isAlive: () => child.exitCode === null }
  }
  throw new Error('the engine ended before it was ready')
}

function report(what: string, tally: Tally, startedAt: number): void {
  const total = [...tally.values()].reduce((sum, count) => sum + count, 0)
  const seconds = ((Date.now() - startedAt) / 1_000).toFixed(0)
  const rows = [...tally].toSorted().map(([answer, count]) => `  ${answer.padEnd(32)} ${count}`)
  say([`${total} ${what} in ${seconds} s:`, ...rows].join('\n'))
}

async function fuzz(url: string): Promise<void> {
  const seed = Number(values.seed)
  say(`seed ${seed}`)
  const before = Date.now()
  report('bodies', await fuzzBodies(url, { count: Number(values.bodies), seed }), before)
  const between = Date.now()
  report(`sockets of 4 frames each`, await fuzzFrames(url, { count: Number(values.frames), seed }), between)
  const metrics = await (await fetch(`${url}/metrics`)).text()
  const faults = metrics.match(
    /^oee_(?:faults_total|requests_denied_total)\{(?:part="(?:http|step)"|code="internal_error")\}.*$/gm,
  )
  if (faults !== null) throw new Error(`the engine met faults of its own: ${faults.join('; ')}`)
  say('5xx, hangs, and sockets cut off without a close code: 0')
}

if (values.url !== undefined) await fuzz(values.url)
else {
  const engine = await startEngine()
  try {
    await fuzz(engine.url)
    if (!engine.isAlive()) throw new Error('the engine has ended')
  } finally {
    await engine.stop()
  }
}
