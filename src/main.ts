// Owns the program: settings, arguments, signals, and one sentence when it cannot start.

import { pino } from 'pino'
import type { Around } from './around.ts'
import { runKeys, UsageError } from './cli/keys.ts'
import { explainEnd, explainStartFault, greeting, named } from './cli/startup.ts'
import { readEnvFile } from './config/envFile.ts'
import { type Config, readConfig } from './config.ts'
import { type Closers, openSql, storeOf } from './database.ts'
import { simulatedTokens } from './dex/simulated/market.ts'
import { TokenList } from './domain/token.ts'
import { createObserve } from './observe.ts'
import { createKeyStore } from './store/keyStore.ts'
import { migrate } from './store/migrations.ts'
import { createSystemRandom, systemClock } from './timing/system.ts'

/** Longer than any step of an order, and shorter than the usual grace period before SIGKILL (10 s). */
const STOP_TIMEOUT_MS = 8_000

/** The program; with something around its ports where a test starts it. */
export async function main(around?: Around): Promise<void> {
  try {
    await run(process.argv.slice(2), around)
  } catch (error) {
    process.stderr.write(`${explainStartFault(error as Error)}\n`)
    process.exit(1)
  }
}

async function run([command, ...args]: readonly string[], around?: Around): Promise<void> {
  const config = readConfig(process.env, readEnvFile('.env'))
  // Node would print every property of an uncaught error, and drivers keep passwords in them.
  process.once('uncaughtException', (error) => {
    process.stderr.write(
      `${error instanceof Error ? explainEnd(error) : 'a value that is not an Error was thrown'}\n`,
    )
    process.exit(1)
  })
  if (command === 'keys') return changeKeys(config, args)
  if (command !== undefined)
    throw new UsageError('The only command is keys; settings go into the environment or .env.')
  // Loaded only now: it is most of the program, and neither the keys nor a setting that is refused need it.
  const { start, version } = await import('./engine.ts')
  const engine = await start(config, around)
  process.stdout.write(greeting(config, version, engine.url))
  const stop = async (signal: string) => {
    systemClock.after(STOP_TIMEOUT_MS, () => process.exit(0))
    await engine.stop(signal)
    process.exit(0)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

/** The keys program, on the engine's store. The embedded store belongs to one process, so the engine must be stopped. */
async function changeKeys(config: Config, args: readonly string[]): Promise<void> {
  const observe = createObserve(pino({ level: 'silent' }), systemClock)
  const closers: Closers = [observe.close]
  try {
    const sql = await openSql(config, observe, closers)
    await named(storeOf(config), () => migrate(sql))
    await runKeys(args, {
      keys: createKeyStore(sql, systemClock, createSystemRandom()),
      tokens: new TokenList(simulatedTokens),
      now: systemClock.now(),
      print: (text) => process.stdout.write(`${text}\n`),
      explain: (text) => process.stderr.write(`${text}\n`),
    })
  } finally {
    for (const close of closers.reverse()) await close()
  }
}
