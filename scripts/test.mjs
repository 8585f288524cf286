// Runs the tests with the available servers, lists what was not run, and ends with `N passed, N failed`.
// Servers: TEST_REDIS_URL and TEST_PG_CONN, or else private ones started here, or else none.
// REQUIRE_SERVICES=1 makes their absence a failure.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import pg from 'pg'
import { startVitest } from 'vitest/node'

const SERVICES_SCRIPT = fileURLToPath(new URL('services.sh', import.meta.url))
const CONNECT_TIMEOUT_MS = 5_000
const LISTED_AT_MOST = 30
const USAGE = `usage: node scripts/test.mjs [part of a path]… [-t part of a name] [--reporter NAME] [--outputFile PATH]
Runs the tests, all or those whose path contains such a part. TEST_REDIS_URL and TEST_PG_CONN name servers to use;
without them private ones are started. REQUIRE_SERVICES=1 makes their absence a failure.`

/** Ends the run for a reason outside the tests. It counts as one failure, so that the last line never looks green. */
function giveUp(...reasons) {
  loud(...reasons)
  finish(0, 1)
}

function finish(passed, failed) {
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed === 0 ? 0 : 1)
}

function loud(...lines) {
  const rule = '#'.repeat(100)
  console.log(['', rule, ...lines.map((line) => `#  ${line}`), rule, ''].join('\n'))
}

/** @returns {Promise<string | null>} why there are no servers, or null when there are */
async function provideServers() {
  const { TEST_REDIS_URL, TEST_PG_CONN } = process.env
  if (!TEST_REDIS_URL && !TEST_PG_CONN) return startPrivateServers()
  if (!TEST_REDIS_URL || !TEST_PG_CONN) {
    giveUp('TEST_REDIS_URL and TEST_PG_CONN belong together: set both or neither.')
  }
  // A given address that is wrong is a mistake to report, not a reason to test less.
  await reach('TEST_REDIS_URL', () => pingRedis(TEST_REDIS_URL))
  await reach('TEST_PG_CONN', () => pingPostgres(TEST_PG_CONN))
  return null
}

async function reach(name, ping) {
  try {
    await ping()
  } catch (error) {
    giveUp(`${name} is set, but its server cannot be used: ${error.message || error.code}`)
  }
}

async function pingRedis(url) {
  if (!/^rediss?:\/\//.test(url)) throw new Error('it must begin with redis:// or rediss://')
  const times = { connectTimeout: CONNECT_TIMEOUT_MS, commandTimeout: CONNECT_TIMEOUT_MS }
  const redis = new Redis(url, { ...times, lazyConnect: true, retryStrategy: null })
  let cause = null
  redis.on('error', (error) => {
    cause = error
  })
  try {
    await redis.connect()
    await redis.ping()
  } catch (error) {
    throw cause ?? error
  } finally {
    redis.disconnect()
  }
}

async function pingPostgres(url) {
  if (!/^postgres(ql)?:\/\//.test(url)) throw new Error('it must begin with postgres:// or postgresql://')
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SELECT 1')
  } finally {
    await client.end()
  }
}

function startPrivateServers() {
  const dir = mkdtempSync(join(tmpdir(), 'order-engine-test-'))
  process.once('exit', () => {
    runServicesScript('stop', dir)
    rmSync(dir, { recursive: true, force: true })
  })
  // Without a listener a signal would end this process without the exit handler above.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1))
  const started = runServicesScript('start', dir)
  if (started.status !== 0) return started.error?.message ?? started.stderr.trim()
  for (const [, name, value] of started.stdout.matchAll(/^export (\w+)=(.*)$/gm)) process.env[name] = value
  console.log('Redis and Postgres: private ones, started for this run.')
  return null
}

function runServicesScript(command, dir) {
  return spawnSync('bash', [SERVICES_SCRIPT, command, dir], { encoding: 'utf8' })
}

/** Runs vitest and counts. What broke outside a test (a file, a hook, a stray rejection) counts as a failure too. */
async function runTests({ filter, options }) {
  const vitest = await startVitest('test', filter, { ...options, run: true, watch: false })
  const modules = vitest.state.getTestModules()
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const inState = (state) => tests.filter((test) => test.result().state === state)
  const brokenParts = modules
    .flatMap((module) => [module, ...module.children.allSuites()])
    .filter((part) => part.errors().length > 0)
  const counts = {
    passed: inState('passed').length,
    failed: inState('failed').length + brokenParts.length + vitest.state.getUnhandledErrors().length,
    notRun: tests.filter((test) => !['passed', 'failed'].includes(test.result().state)),
    filesNotRun: modules.filter((module) => module.state() === 'skipped').length,
  }
  await vitest.close()
  return counts
}

function sayWhatWasNotRun({ notRun, filesNotRun }, noServers) {
  if (notRun.length === 0) return
  const suites = new Set(notRun.map((test) => test.parent)).size
  const names = notRun.map((test) => `- ${test.module.relativeModuleId} > ${test.fullName}`)
  loud(
    `NOT RUN: ${notRun.length} tests (a suite without its servers counts as one) in ${suites} suites`,
    `Whole files not run: ${filesNotRun}`,
    ...names.slice(0, LISTED_AT_MOST),
    ...(names.length > LISTED_AT_MOST ? [`- and ${names.length - LISTED_AT_MOST} more`] : []),
    ...(noServers === null ? [] : [`There is no Redis and Postgres: ${noServers}`]),
  )
}

function readArguments() {
  const text = { type: 'string' }
  const options = {
    testNamePattern: { ...text, short: 't' },
    reporter: text,
    outputFile: text,
    help: { type: 'boolean' },
  }
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    const { help, ...forVitest } = values
    if (!help) return { filter: positionals, options: forVitest }
  } catch (error) {
    console.error(`test.mjs: ${error.message.split(/\.\s/)[0]}; --help shows what it takes.`)
    process.exit(2)
  }
  console.log(USAGE)
  process.exit(0)
}

const args = readArguments()
// A failure outside the tests must not leave a green last line.
process.once('uncaughtException', (error) =>
  giveUp('The run broke down.', ...String(error.stack).split('\n')),
)
const noServers = await provideServers()
if (noServers !== null) {
  if (process.env.REQUIRE_SERVICES === '1') {
    giveUp('REQUIRE_SERVICES=1, but there is no Redis and Postgres, so nothing was run.', noServers)
  }
  loud('Every suite that needs Redis and Postgres (the distributed runtime) will NOT be run.', noServers)
}
const counts = await runTests(args)
if (counts.passed + counts.failed === 0) giveUp('No test was run at all, and that is a failure.')
sayWhatWasNotRun(counts, noServers)
finish(counts.passed, counts.failed)
