// Owns what the operator's commands need of the adapters: the engine itself, the store of its keys, and a look at what it
// stands on.

import { pino } from 'pino'
import type { Around } from './around.ts'
import type { Operator } from './cli/command.ts'
import { runKeys } from './cli/keys.ts'
import { greeting, named } from './cli/startup.ts'
import { readEnvFile } from './config/envFile.ts'
import { type Config, readConfig } from './config.ts'
import { type Closers, openSql, storeOf } from './database.ts'
import { simulatedTokens } from './dex/simulated/market.ts'
import { TokenList } from './domain/token.ts'
import { createObserve } from './observe.ts'
import { surveyRedis } from './queue/survey.ts'
import { surveyFolder } from './store/embedded/folderSurvey.ts'
import { createKeyStore } from './store/keyStore.ts'
import { migrate } from './store/migrations.ts'
import { surveyPostgres } from './store/survey.ts'
import { createSystemRandom, systemClock } from './timing/system.ts'

/** Longer than any step of an order, and shorter than the usual grace period before SIGKILL (10 s). */
const STOP_TIMEOUT_MS = 8_000

export function createOperator(env: NodeJS.ProcessEnv, around?: Around): Operator {
  const config = () => readConfig(env, readEnvFile('.env'))
  return {
    config,
    start: () => start(config(), around),
    changeKeys: (args) => changeKeys(config(), args),
    survey: {
      folder: (path) => surveyFolder(path, systemClock),
      postgres: (pgConn) => surveyPostgres(pgConn, systemClock),
      redis: (redisUrl) => surveyRedis(redisUrl, systemClock),
    },
  }
}

/** Resolves once the engine listens; it ends with the process. */
async function start(config: Config, around?: Around): Promise<void> {
  // Loaded only now: neither the keys nor a setting that is refused need it.
  const { start: startEngine, version } = await import('./engine.ts')
  const engine = await startEngine(config, around)
  process.stdout.write(greeting(config, version, engine.url))
  const stop = async (signal: string) => {
    systemClock.after(STOP_TIMEOUT_MS, () => process.exit(0))
    await engine.stop(signal)
    process.exit(0)
  }
  // In place of the immediate end: what is under way is handed over first.
  process.removeAllListeners('SIGINT')
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
