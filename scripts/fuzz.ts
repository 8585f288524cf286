// Owns fuzzing from the command line: npm run fuzz -- [--bodies N] [--frames N] [--seed S] [--url http://…]. Starts the
// built engine with a database of its own unless a URL names another, and prints how often each answer came.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { fuzzBodies, fuzzFrames, type Tally } from '../test/engine/fuzzing.ts'
import { commandLine, httpUrl, wholeNumber } from './commandLine.ts'

const ENGINE = fileURLToPath(new URL('../dist/index.js', import.meta.url))

const options = commandLine(
  'Sends arbitrary bodies and frames to an engine; exits 1 at an answer that must not be.',
  {
    bodies: wholeNumber('how many bodies', 10_000, 1),
    frames: wholeNumber('how many WebSocket frames', 2_000, 1),
    seed: wholeNumber('repeats a run', Date.now() % 2 ** 31),
    url: httpUrl('the engine; without it the built one is started, with a database of its own'),
  },
)

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
  process.once('exit', () => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /"url":"([^"]+)"/.exec(line)?.[1]
    if (url === undefined) continue
    child.stdout.resume()
    const stop = async () => {
      child.kill('SIGTERM')
      await exited
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

/** Checks first that an engine answers there, so that later failures can be attributed to it. */
async function reach(url: string): Promise<void> {
  const answer = await fetch(`${url}/metrics`).catch((error: Error) => {
    throw new Error(`no engine at ${url}: ${(error.cause as Error | undefined)?.message ?? error.message}`)
  })
  if (!/^oee_/m.test(await answer.text())) throw new Error(`${url} is no engine: it has no metrics of one`)
}

async function fuzz(url: string): Promise<void> {
  await reach(url)
  const { seed, bodies, frames } = options
  say(`seed ${seed}`)
  const before = Date.now()
  report('bodies', await fuzzBodies(url, { count: bodies, seed }), before)
  const between = Date.now()
  report(`sockets of 4 frames each`, await fuzzFrames(url, { count: frames, seed }), between)
  const metrics = await (await fetch(`${url}/metrics`)).text()
  const faults = metrics.match(
    /^oee_(?:faults_total|requests_denied_total)\{(?:part="(?:http|step)"|code="internal_error")\}.*$/gm,
  )
  if (faults !== null) throw new Error(`the engine met faults of its own: ${faults.join('; ')}`)
  say('5xx, hangs, and sockets cut off without a close code: 0')
}

if (options.url !== undefined) await fuzz(options.url)
else {
  const engine = await startEngine()
  try {
    await fuzz(engine.url)
    if (!engine.isAlive()) throw new Error('the engine has ended')
  } finally {
    await engine.stop()
  }
}
