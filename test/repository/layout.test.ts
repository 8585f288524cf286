// The layout is kept by lint rules; these tests show that each rule bites, and bites only what it should.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const BIOME = join(PROJECT, 'node_modules/@biomejs/biome/bin/biome')

const IMPORTS = 'lint/style/noRestrictedImports'
const GLOBALS = 'lint/style/noRestrictedGlobals'
const ENV = 'lint/style/noProcessEnv'
const PLUGIN = 'plugin'
const FUNCTION_LINES = 'lint/complexity/noExcessiveLinesPerFunction'
const FILE_LINES = 'lint/style/noExcessiveLinesPerFile'
const LAYOUT_RULES: readonly string[] = [IMPORTS, GLOBALS, ENV, PLUGIN, FUNCTION_LINES, FILE_LINES]

type Case = readonly [who: string, path: string, source: string, ...rest: readonly string[]]
type Diagnostic = { readonly category: string; readonly location: { readonly path: string } }

const functionOf = (lines: number) => `export function f(g: () => void): void {\n${'  g()\n'.repeat(lines)}}`
const fileOf = (lines: number) =>
  Array.from({ length: lines }, (_, i) => `export const a${i} = ${i}`).join('\n')

/** What would make two runs of one seed differ. */
const ambient = [
  ['export const at = Date.now()', PLUGIN],
  ['export const at = new Date()', PLUGIN],
  ['export const at = process.hrtime.bigint()', PLUGIN],
  ['export const at = performance.now()', GLOBALS],
  ['export const at = globalThis.performance.now()', PLUGIN],
  ["import { performance } from 'node:perf_hooks'; export const at = performance.now()", PLUGIN],
  ['setTimeout(() => {}, 1)', GLOBALS],
  ['setInterval(() => {}, 1)', GLOBALS],
  ['setImmediate(() => {})', PLUGIN],
  ["import { setTimeout as wait } from 'node:timers/promises'; await wait(1)", PLUGIN],
  ['export const dice = Math.random()', PLUGIN],
  ['export const id = crypto.randomUUID()', GLOBALS],
  ["import { randomUUID } from 'node:crypto'; export const id = randomUUID()", PLUGIN],
  ["import { v7 } from 'uuid'; export const id = v7()", PLUGIN],
] as const

const refused = [
  ['domain', 'src/domain/x.ts', "import '../observe.ts'", IMPORTS],
  ['domain', 'src/domain/x.ts', "import '../store/orderStore.ts'", IMPORTS],
  ['domain', 'src/domain/x.ts', "import 'node:crypto'", IMPORTS],
  ['domain', 'src/domain/x.ts', "import 'crypto'", IMPORTS],
  ['domain', 'src/domain/x.ts', "import '@scure/base'", IMPORTS],
  ['domain', 'src/domain/x.ts', "import './../observe.ts'", IMPORTS],
  ['domain', 'src/domain/x.ts', "import type { Pool } from '../dex/pools/cpmm.ts'", IMPORTS],
  ['domain', 'src/domain/x.ts', "export * from '../config.ts'", IMPORTS],
  ['domain', 'src/domain/x.ts', "export const load = () => import('../config.ts')", IMPORTS],
  ['domain', 'src/domain/x.ts', "export type Config = import('../config.ts').Config", PLUGIN],
  ['domain', 'src/domain/x.ts', 'export const at = Date.now()', PLUGIN],
  ['domain', 'src/domain/x.ts', 'export const at = new Date()', PLUGIN],
  ['domain', 'src/domain/x.ts', 'export const clock = { now: Date.now }', PLUGIN],
  ['domain', 'src/domain/x.ts', 'export const dice = Math.random()', PLUGIN],
  ['domain', 'src/domain/x.ts', 'export const at = performance.now()', GLOBALS],
  ['domain', 'src/domain/x.ts', 'setTimeout(() => {}, 1)', GLOBALS],
  ['domain', 'src/domain/x.ts', 'export const id = crypto.randomUUID()', GLOBALS],
  ...ambient.flatMap(([source, rule]) =>
    ['src/x.ts', 'src/http/x.ts', 'src/workers/x.ts', 'src/dex/live/x.ts', 'src/store/x.ts'].map(
      (path): Case => ['all but timing/system.ts', path, source, rule],
    ),
  ),
  ['time', 'src/timing/x.ts', "import '../domain/order.ts'", IMPORTS],
  ['time', 'src/timing/x.ts', "import 'node:fs'", IMPORTS],
  ['domain', 'src/domain/x.ts', "import '../timing/system.ts'", IMPORTS],
  ['pool mathematics', 'src/dex/pools/x.ts', "import '../../domain/../observe.ts'", IMPORTS],
  ['pool mathematics', 'src/dex/pools/x.ts', "import '../simulated/chain.ts'", IMPORTS],
  ['pool mathematics', 'src/dex/pools/x.ts', "import 'node:buffer'", IMPORTS],
  ['pool mathematics', 'src/dex/pools/x.ts', "import 'pg'", IMPORTS],
  ['pool mathematics', 'src/dex/pools/x.ts', 'export const dice = Math.random()', PLUGIN],
  ['a pool program', 'src/dex/pools/raydiumClmm/x.ts', "import '../meteoraDlmm/account.ts'", IMPORTS],
  ['a pool program', 'src/dex/pools/raydiumClmm/x.ts', "import '../../simulated/chain.ts'", IMPORTS],
  ['a pool program', 'src/dex/pools/raydiumClmm/x.ts', "import '../../../observe.ts'", IMPORTS],
  ['an adapter', 'src/http/x.ts', "import '../workers/orderWorker.ts'", IMPORTS],
  ['an adapter', 'src/http/x.ts', "import '../domain/../workers/orderWorker.ts'", IMPORTS],
  ['an adapter', 'src/http/x.ts', "import '../config.ts'", IMPORTS],
  ['an adapter', 'src/http/x.ts', "import '../index.ts'", IMPORTS],
  ['an adapter', 'src/workers/x.ts', "import '../http/routes.ts'", IMPORTS],
  ['a room of http', 'src/http/routes/x.ts', "import '../../workers/orderWorker.ts'", IMPORTS],
  ['a room of http', 'src/http/routes/x.ts', "import '../../store/orderStore.ts'", IMPORTS],
  ['an adapter', 'src/workers/x.ts', "import '../queue/orderQueue.ts'", IMPORTS],
  ['an adapter', 'src/dex/x.ts', "import '../store/orderStore.ts'", IMPORTS],
  ['an adapter', 'src/dex/live/x.ts', "import '../../store/orderStore.ts'", IMPORTS],
  ['an adapter', 'src/dex/live/x.ts', "import '../../index.ts'", IMPORTS],
  ['an adapter', 'src/queue/x.ts', "import '../store/orderStore.ts'", IMPORTS],
  ['an adapter', 'src/store/x.ts', "import '../dex/simulated/chain.ts'", IMPORTS],
  ['an adapter', 'src/store/x.ts', 'export const url = process.env.PG_CONN', ENV],
  ['an adapter', 'src/store/x.ts', "export const url = process.env['PG_CONN']", ENV],
  ['an adapter', 'src/store/x.ts', "import '../commands/placeOrder.ts'", IMPORTS],
  ['an adapter', 'src/queue/x.ts', "import '../commands/placeOrder.ts'", IMPORTS],
  ['an adapter', 'src/dex/x.ts', "import '../commands/placeOrder.ts'", IMPORTS],
  ['domain', 'src/domain/x.ts', "import '../commands/placeOrder.ts'", IMPORTS],
  ['the operator', 'src/cli/x.ts', "import '../commands/placeOrder.ts'", IMPORTS],
  ['a file beside engine.ts', 'src/x.ts', "import './commands/placeOrder.ts'", IMPORTS],
  ['placing and canceling', 'src/commands/x.ts', "import '../http/problems.ts'", IMPORTS],
  ['placing and canceling', 'src/commands/x.ts', "import '../store/orderStore.ts'", IMPORTS],
  ['placing and canceling', 'src/commands/x.ts', "import '../domain/../store/orderStore.ts'", IMPORTS],
  ['placing and canceling', 'src/commands/x.ts', "import 'fastify'", IMPORTS],
  ['placing and canceling', 'src/commands/x.ts', "import 'node:http'", IMPORTS],
  ['placing and canceling', 'src/commands/x.ts', 'export const at = Date.now()', PLUGIN],
  ['a part of the configuration', 'src/config/x.ts', "import '../domain/order.ts'", IMPORTS],
  ['a part of the configuration', 'src/config/x.ts', 'export const url = process.env.PG_CONN', ENV],
  ['a command', 'src/cli/x.ts', "import '../store/keyStore.ts'", IMPORTS],
  ['a command', 'src/cli/x.ts', "import '../engine.ts'", IMPORTS],
  ['a command', 'src/cli/x.ts', "import '../operator.ts'", IMPORTS],
  ['a command', 'src/cli/x.ts', 'export const url = process.env.OEE_URL', ENV],
  ['a part of a command', 'src/cli/doctor/x.ts', "import '../../store/survey.ts'", IMPORTS],
  ['a part of a command', 'src/cli/doctor/x.ts', "import '../../domain/../store/survey.ts'", IMPORTS],
  ['a file beside engine.ts', 'src/x.ts', "import './operator.ts'", IMPORTS],
  ['a file beside engine.ts', 'src/x.ts', "import './store/orderStore.ts'", IMPORTS],
  ['a file beside engine.ts', 'src/x.ts', "import './index.ts'", IMPORTS],
  ['a file beside engine.ts', 'src/x.ts', 'export const level = process.env.LOG_LEVEL', ENV],
  ['a file beside engine.ts', 'src/x.ts', "import './engine.ts'", IMPORTS],
  ['a file beside engine.ts', 'src/x.ts', "import './main.ts'", IMPORTS],
  ['a file beside engine.ts', 'src/x.ts', "import './database.ts'", IMPORTS],
  ['the root', 'src/engine.ts', 'export const at = Date.now()', PLUGIN],
  ['the entry', 'src/index.ts', 'export const env = process.env', ENV],
  ['the client', 'client/src/x.ts', "import '../../src/domain/wire.ts'", IMPORTS],
  ['the client', 'client/src/x.ts', "import type { OrderId } from '../../src/domain/spec.ts'", IMPORTS],
  ['the client', 'client/src/x.ts', "import 'node:events'", IMPORTS],
  ['the client', 'client/src/x.ts', "import 'ws'", IMPORTS],
  ['the client', 'client/src/x.ts', 'export const url = process.env.URL', GLOBALS],
  ['the console', 'console/src/x.ts', "import '../../src/domain/wire.ts'", IMPORTS],
  ['the console', 'console/src/x.ts', "import 'node:fs'", IMPORTS],
  ['the console', 'console/src/x.ts', "import './views/trade/Trade.tsx'", IMPORTS],
  ['a part of the console', 'console/src/parts/x.ts', "import '../../../src/domain/wire.ts'", IMPORTS],
  ['a part of the console', 'console/src/parts/x.ts', "import 'lightweight-charts'", IMPORTS],
  ['a part of the console', 'console/src/parts/x.ts', "import '../views/trade/Trade.tsx'", IMPORTS],
  ['a view', 'console/src/views/trade/x.ts', "import '../order/lanes.ts'", IMPORTS],
  ['a view', 'console/src/views/trade/x.ts', "import '../../shell/state.ts'", IMPORTS],
  ['a view', 'console/src/views/trade/x.ts', "import './chart/../../order/lanes.ts'", IMPORTS],
  ['a part of a view', 'console/src/views/trade/chart/x.ts', "import '../../order/lanes.ts'", IMPORTS],
  ['a part of a view', 'console/src/views/trade/chart/x.ts', "import '../../../shell/state.ts'", IMPORTS],
  ['the bench', 'bench/x.ts', "import '../src/index.ts'", IMPORTS],
  ['the bench', 'bench/x.ts', "import '../src/engine.ts'", IMPORTS],
  ['a file of src', 'src/http/x.ts', functionOf(61), FUNCTION_LINES],
  ['a file of src', 'src/http/x.ts', fileOf(301), FILE_LINES],
] satisfies readonly Case[]

const allowed = [
  ['domain', 'src/domain/x.ts', "import { minOut } from './amount.ts'; export const day = new Date(0)"],
  ['domain', 'src/domain/x.ts', "import type { Millis } from '../timing/clock.ts'; export type At = Millis"],
  ['domain', 'src/domain/x.ts', 'export const least = Math.min(1, 2)'],
  [
    'pool mathematics',
    'src/dex/pools/x.ts',
    "import './fixedPoint.ts'; import '../../domain/curve.ts'; import '@scure/base'",
  ],
  [
    'a pool program',
    'src/dex/pools/raydiumClmm/x.ts',
    "import './ticks.ts'; import '../pool.ts'; import '../../../domain/curve.ts'; import '@noble/hashes/sha2.js'",
  ],
  ['an adapter', 'src/dex/x.ts', "import './pools/cpmm.ts'; import '../domain/order.ts'"],
  ['an adapter', 'src/dex/live/x.ts', "import '../pools/cpmm.ts'; import '../../domain/order.ts'"],
  ['an adapter', 'src/http/x.ts', "import 'fastify'; import 'node:url'; import '../observe.ts'"],
  ['an adapter', 'src/store/x.ts', "import { hash } from 'node:crypto'; export const of = hash; new Date(0)"],
  [
    'an adapter',
    'src/store/x.ts',
    "import { groupCommit } from '../timing/groupCommit.ts'; groupCommit(1, setImmediate, async () => [])",
  ],
  ['time and chance', 'src/timing/system.ts', 'setTimeout(() => Math.random(), Date.now())'],
  [
    'a room of http',
    'src/http/routes/x.ts',
    "import '../problems.ts'; import '../schemas/apiSchemas.ts'; import '../../commands/placeOrder.ts'",
  ],
  ['a file of src', 'src/http/x.ts', functionOf(60)],
  ['a file of src', 'src/http/x.ts', fileOf(300)],
  ['ids', 'src/timing/ids.ts', "import { v7 } from 'uuid'; export const id = v7()"],
  ['an adapter', 'src/http/x.ts', "import '../commands/placeOrder.ts'"],
  ['an adapter', 'src/workers/x.ts', "import '../commands/placeOrder.ts'; import '../timing/repeat.ts'"],
  [
    'placing and canceling',
    'src/commands/x.ts',
    "import './cancelOrder.ts'; import '../domain/order.ts'; import '../timing/clock.ts'; import '../observe.ts'",
  ],
  ['the root', 'src/engine.ts', "import './store/orderStore.ts'"],
  ['the root', 'src/database.ts', "import './store/postgres.ts'"],
  [
    'the program',
    'src/main.ts',
    "import './engine.ts'; import './store/keyStore.ts'; export const env = process.env",
  ],
  ['the operator', 'src/operator.ts', "import './engine.ts'; import './store/survey.ts'"],
  ['a command', 'src/cli/x.ts', "import './faults.ts'; import '../config.ts'; import '../domain/order.ts'"],
  [
    'a part of a command',
    'src/cli/doctor/x.ts',
    "import '../startup.ts'; import '../../domain/ports/survey.ts'",
  ],
  ['the configuration', 'src/config.ts', "import './domain/token.ts'; export const env = process.env"],
  [
    'the client',
    'client/src/x.ts',
    "import './http.ts'; import './generated/wire.ts'; setTimeout(() => {}, 1)",
  ],
  [
    'the console',
    'console/src/x.ts',
    "import './parts/Button.tsx'; import 'oee-client'; import 'preact/hooks'",
  ],
  ['the shell of the console', 'console/src/shell/x.ts', "import '../views/trade/Trade.tsx'"],
  [
    'a view',
    'console/src/views/trade/x.ts',
    "import './Chart.tsx'; import './chart/Chart.tsx'; import '../../engine.ts'; import 'lightweight-charts'",
  ],
  [
    'a part of a view',
    'console/src/views/trade/chart/x.ts',
    "import '../live.ts'; import '../model/lines.ts'; import '../../../parts/Button.tsx'; import '../../../engine.ts'",
  ],
  ['a test', 'test/x.test.ts', "import '../src/index.ts'; import '../src/store/orderStore.ts'"],
] as const

/** The layout rules that each source breaks. All are linted in one run, under a copy of the project's rules. */
function brokenRules(cases: readonly Case[]): ReadonlySet<string>[] {
  const root = mkdtempSync(join(tmpdir(), 'order-engine-layout-'))
  try {
    cpSync(join(PROJECT, 'biome.json'), join(root, 'biome.json'))
    cpSync(join(PROJECT, 'scripts/lint'), join(root, 'scripts/lint'), { recursive: true })
    // The number keeps two cases of one path apart.
    const paths = cases.map(([, path], number) => path.replace(/\bx\./, `x${number}.`))
    for (const [number, path] of paths.entries()) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), `${cases[number]?.[2]}\n`)
    }
    const found = diagnostics(root)
    return paths.map(
      (path) =>
        new Set(
          found
            .filter(({ category, location }) => location.path === path && LAYOUT_RULES.includes(category))
            .map(({ category }) => category),
        ),
    )
  } finally {
    rmSync(root, { recursive: true })
  }
}

function diagnostics(root: string): readonly Diagnostic[] {
  const args = [BIOME, 'lint', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=none']
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  if (!stdout.startsWith('{')) throw new Error(`Biome did not report: ${stderr}`)
  return JSON.parse(stdout).diagnostics
}

const brief = (source: string) =>
  source.length > 160 ? `${source.slice(0, 40)} … (${source.split('\n').length} lines)` : source

describe('the layout rules', () => {
  const found = brokenRules(refused)
  const foundInAllowed = brokenRules(allowed)

  for (const [number, [who, path, source, rule]] of refused.entries()) {
    test(`refuse ${who} (${dirname(path)}) this: ${brief(source)}`, () => {
      expect([...(found[number] ?? [])]).toContain(rule)
    })
  }

  for (const [number, [who, path, source]] of allowed.entries()) {
    test(`allow ${who} (${dirname(path)}) this: ${brief(source)}`, () => {
      expect([...(foundInAllowed[number] ?? ['not linted'])]).toEqual([])
    })
  }

  test('know every folder of src', () => {
    const folders = readdirSync(join(PROJECT, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
    expect([
      'cli',
      'commands',
      'config',
      'dex',
      'domain',
      'http',
      'observe',
      'queue',
      'store',
      'timing',
      'workers',
    ]).toEqual(expect.arrayContaining(folders))
  })
})
