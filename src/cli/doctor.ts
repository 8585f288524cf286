// Owns `oee doctor`: looks at what the engine stands on, changes nothing, and names the next step for each fault.

import { type Config, ConfigError } from '../config.ts'
import { type Command, type Operator, read } from './command.ts'
import { type Check, checksOf, type Status } from './doctor/check.ts'
import { folderChecks } from './doctor/folder.ts'
import { portChecks } from './doctor/port.ts'
import { postgresChecks, postgresFault } from './doctor/postgres.ts'
import { redisChecks, redisFault } from './doctor/redis.ts'
import type { ExitCode } from './faults.ts'
import type { Terminal } from './terminal.ts'

const options = { json: { type: 'boolean', help: 'one JSON object: status, checks' } } as const

export const doctor: Command = {
  usage: 'doctor [options]',
  examples: [
    ['oee doctor', 'before the first start, and whenever something is odd'],
    [
      'oee doctor --json | jq -r \'.checks[] | select(.status == "fail") | .next\'',
      'only what has to be done',
    ],
  ],
  options,
  notes: 'It reads the same environment and .env as the engine, and changes nothing.',
  exitCodes: 'Exit codes: 0 all passes, 1 a warning, 2 a fault.',
  async run(args, { operator, terminal }) {
    const { values } = read(options, args)
    const checks = await examine(await operator())
    const status = worst(checks)
    if (values.json === true) terminal.print(JSON.stringify({ status, checks }))
    else for (const line of report(checks, terminal)) terminal.print(line)
    return SEVERITY[status]
  },
}

const SEVERITY: Readonly<Record<Status, ExitCode>> = { pass: 0, warn: 1, fail: 2 }

const worst = (checks: readonly Check[]): Status =>
  (['fail', 'warn'] as const).find((status) => checks.some((check) => check.status === status)) ?? 'pass'

const machine = checksOf('machine')
const settings = checksOf('settings')
const chain = checksOf('chain')

async function examine(operator: Operator): Promise<readonly Check[]> {
  const node = machine.pass('node', process.versions.node)
  const config = readSettings(operator)
  if ('status' in config) return [node, config]
  const surroundings = await Promise.all([portChecks(config), ...storage(config, operator)])
  return [
    node,
    settings.pass('settings', config.PG_CONN === null ? 'embedded' : `distributed, role ${config.ROLE}`),
    ...surroundings.flat(),
    chain.pass('chain', 'simulated in the engine: there is no RPC to reach'),
  ]
}

/** What is wrong with the settings has to be mended before anything else can be looked at. */
function readSettings(operator: Operator): Config | Check {
  try {
    return operator.config()
  } catch (error) {
    const isKnown = error instanceof ConfigError || (error as { code?: string }).code === 'ENV_FILE'
    if (!isKnown) throw error
    const found = (error as Error).message.replace(/^Configuration: /, '')
    return settings.fail('settings', ...cutSetting(found))
  }
}

const cutSetting = (found: string) =>
  [
    found.replace(/\.$/, ''),
    'correct it in .env or the environment (docs/configuration.md), and run the doctor again',
  ] as const

function storage({ PG_CONN, REDIS_URL, DATA_DIR }: Config, { survey }: Operator) {
  if (PG_CONN === null || REDIS_URL === null) {
    return [survey.folder(DATA_DIR).then((facts) => folderChecks(DATA_DIR, facts))]
  }
  return [
    survey.postgres(PG_CONN).then(postgresChecks, async (error) => [await postgresFault(error)]),
    survey.redis(REDIS_URL).then(redisChecks, (error) => [redisFault(error)]),
  ]
}

const MARKS = { pass: ['green', 'pass'], warn: ['yellow', 'warn'], fail: ['red', 'FAIL'] } as const

function report(checks: readonly Check[], { paint }: Terminal): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length))
  const groups = [...new Set(checks.map(({ group }) => group))]
  const lines = groups.flatMap((group) => [
    paint('bold', group),
    ...checks
      .filter((check) => check.group === group)
      .flatMap(({ status, name, found, next }) => {
        const [style, word] = MARKS[status]
        const line = `  ${paint(style, word)}  ${name.padEnd(width)}  ${found}`
        return next === null ? [line] : [line, `${' '.repeat(width + 10)}next: ${next}`]
      }),
  ])
  const count = (status: Status) => checks.filter((check) => check.status === status).length
  const counted = (status: Status, word: string) =>
    `${count(status)} ${word}${count(status) === 1 ? '' : 's'}`
  return [...lines, '', `${count('pass')} passed, ${counted('warn', 'warning')}, ${counted('fail', 'fault')}`]
}
