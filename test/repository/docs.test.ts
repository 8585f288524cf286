// Holds the documents to the code: what can be generated is generated again and compared, what they point to is looked
// up, what they show is compared with what a running engine says. UPDATE_DOCS=1 rewrites the generated blocks; format after.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { readConfig, settings } from '../../src/config.ts'
import { failureRules } from '../../src/domain/failure.ts'
import { isOpenStatus, statuses, transitions } from '../../src/domain/lifecycle.ts'
import { problemTable } from '../../src/http/problems.ts'
import { start } from '../../src/index.ts'
import { createObserve } from '../../src/observe.ts'
import { faults } from '../recovery/faults.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { manualClock } from '../support/manualClock.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const IS_UPDATE = process.env.UPDATE_DOCS === '1'
/** What the documents show that the engine serves but does not describe in /openapi.json. */
const UNDESCRIBED = ['GET /docs', 'GET /openapi.json', 'GET /asyncapi.json', 'GET /llms.txt']

type Message = Readonly<Record<string, unknown>> & { readonly kind: string }

const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8')
const write = (path: string, text: string) => writeFileSync(join(PROJECT, path), text)

// ---- what is generated --------------------------------------------------------------------------------------------

/** A Markdown table laid out as the formatter does. */
function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...body].map((row) => row[i]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`
  return [head, widths.map((width) => '-'.repeat(width)), ...body].map(line).join('\n')
}

const code = (text: string) => `\`${text}\``

type AnySetting = { read(text: string): unknown; readonly otherwise: string | null; readonly help: string }
const allSettings = Object.entries<AnySetting>(settings)

/** What a setting takes, in the words with which it refuses what it does not take. */
function valuesOf({ read }: AnySetting): string {
  try {
    read('?')
    return 'text'
  } catch (error) {
    return (error as Error).message.replace(/^must (be |look )?/, '').replace(/, not "\?"$/, '')
  }
}

/** The tables of docs/configuration.md; each holds the settings that match, and no setting is in two. */
const settingThemes: Readonly<Record<string, RegExp>> = {
  runtime: /^(ROLE|REDIS_URL|PG_CONN|PGPASSWORD|DATA_DIR|QUEUE_PREFIX|VENUES|LOG_LEVEL)$/,
  network: /^(HOST|PORT|PUBLIC_URL|TRUSTED_PROXIES|ALLOWED_ORIGINS|REQUEST_TIMEOUT_MS|MAX_CONNECTIONS)$/,
  access: /^(REQUIRE_API_KEYS|.*_PER_MINUTE|.*_PER_ADDRESS)$/,
  routing: /^(QUOTE|BREAKER|ROUTE|DEFAULT_SLIPPAGE)_/,
  execution: /^(WORKER_CONCURRENCY|MAX_ATTEMPTS|RETRY_BACKOFF_MS|REBROADCAST_MS|ORDER_LEASE_MS|SWEEP_MS)$/,
  resting: /^(MAX_RESTING_ORDERS|DEFAULT_EXPIRY_DAYS|MAX_EXPIRY_DAYS)$/,
  load: /^(ANSWER_TARGET_MS|MAX_WAITING_ORDERS|MAX_QUEUE_AGE_MS|MAX_OPEN_ORDERS)$/,
  simulation: /^SIM_/,
}

function settingsTable(theme: RegExp): string {
  const rows = allSettings.flatMap(([key, setting]) => {
    const given = setting.otherwise ? code(setting.otherwise) : ''
    return theme.test(key) ? [[code(key), given, valuesOf(setting), setting.help]] : []
  })
  return table(['Key', 'Default', 'Value', 'Meaning'], rows)
}

function envExample(): string {
  const head = [
    '# Every setting with its default. Copy this file to .env and change what you need. An empty value counts as',
    '# absent, and the environment takes precedence. Generated from src/config.ts; see docs/configuration.md.',
    '#',
    '# Embedded runtime, nothing to install: leave REDIS_URL and PG_CONN empty.',
    '# Distributed runtime, any number of processes: set both, as in',
    '#   REDIS_URL=redis://127.0.0.1:6379',
    '#   PG_CONN=postgres://user:password@127.0.0.1:5432/engine',
  ]
  const blocks = allSettings.map(([key, setting]) =>
    [`# ${setting.help}`, `# Value: ${valuesOf(setting)}.`, `${key}=${setting.otherwise ?? ''}`].join('\n'),
  )
  return `${head.join('\n')}\n\n${blocks.join('\n\n')}\n`
}

function diagram(): string {
  const arrows = Object.entries(transitions).flatMap(([kind, { from, to }]) =>
    (from.length === 0 ? ['[*]'] : from).map((status) => `  ${status} --> ${to}: ${kind}`),
  )
  const ends = statuses.filter((status) => !isOpenStatus(status)).map((status) => `  ${status} --> [*]`)
  return ['```mermaid', 'stateDiagram-v2', ...arrows, ...ends, '```'].join('\n')
}

function failuresTable(): string {
  const rows = Object.entries(failureRules).map(([name, { outcome, byChain, message }]) => {
    return [code(name), outcome, byChain ? 'the chain' : 'the engine', message]
  })
  return table(['Code', 'Then', 'Known from', 'Meaning'], rows)
}

function problemsTable(): string {
  const rows = Object.entries(problemTable).map(([name, { status, title }]) => [
    `${status}`,
    code(name),
    title,
  ])
  return table(['Status', 'Code', 'Title'], rows)
}

function metricsTable(): string {
  const metrics = createObserve(pino({ level: 'silent' }), manualClock()).registry.getMetricsAsArray()
  const ours = metrics.filter(({ name }) => !/^oee_(process|nodejs)_/.test(name))
  const rows = ours.map((metric) => {
    const { labelNames } = metric as typeof metric & { labelNames?: readonly string[] }
    return [code(metric.name), (labelNames ?? []).map(code).join(', '), metric.help]
  })
  return table(['Metric', 'Labels', 'Meaning'], rows)
}

const generated: readonly (readonly [path: string, name: string, make: () => string])[] = [
  ...Object.entries(settingThemes).map(
    ([name, theme]) => ['docs/configuration.md', `${name} settings`, () => settingsTable(theme)] as const,
  ),
  ['docs/lifecycle.md', 'diagram', diagram],
  ['docs/lifecycle.md', 'failures', failuresTable],
  ['docs/lifecycle.md', 'problems', problemsTable],
  ['docs/operations.md', 'metrics', metricsTable],
]

const blockPattern = (name: string) =>
  new RegExp(`(<!-- generated: ${name} -->\n\n)([\\s\\S]*?)(\n\n<!-- /generated: ${name} -->)`)

const blockOf = (path: string, name: string) => blockPattern(name).exec(read(path))?.[2]

function update(path: string, name: string, text: string): void {
  write(
    path,
    read(path).replace(blockPattern(name), (_all, open, _old, close) => open + text + close),
  )
}

describe('the generated parts of the documents', () => {
  for (const [path, name, make] of generated) {
    test(`${path} shows the ${name} of the code`, () => {
      if (IS_UPDATE) update(path, name, make())
      expect(blockOf(path, name)).toBe(make())
    })
  }

  test('docs/configuration.md has every setting in exactly one table', () => {
    const counts = allSettings.map(([key]) => {
      return [key, Object.values(settingThemes).filter((theme) => theme.test(key)).length]
    })
    expect(counts).toEqual(allSettings.map(([key]) => [key, 1]))
  })

  test('.env.example holds every setting, its default and its help', () => {
    if (IS_UPDATE) write('.env.example', envExample())
    expect(read('.env.example')).toBe(envExample())
  })

  test('.env.example as it is means the defaults', () => {
    expect(readConfig({}, read('.env.example'))).toEqual(readConfig({}))
  })
})

// ---- what is pointed to -------------------------------------------------------------------------------------------

const documents = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', ...markdownUnder('docs')]

function markdownUnder(folder: string): string[] {
  const names = readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`)
}

const withoutCode = (text: string) => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '')

/** The anchor that a Markdown heading gets on the usual hosts. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')

function anchorsIn(path: string): string[] {
  const headings = read(path).matchAll(/^#+ (.+)$/gm)
  return [...headings].map(([, heading = '']) => anchorOf(heading))
}

describe('the links of the documents', () => {
  for (const path of documents) {
    test(`${path} points to files and headings that exist`, () => {
      const targets = [...withoutCode(read(path)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
      const dead = targets.filter((link) => {
        if (/^\w+:/.test(link)) return false
        const [file = '', anchor] = link.split('#')
        const target = file === '' ? path : join(dirname(path), file)
        return !existsSync(join(PROJECT, target)) || (anchor && !anchorsIn(target).includes(anchor))
      })
      expect(dead).toEqual([])
    })
  }
})

describe('the fault tables of docs/reliability.md', () => {
  const text = read('docs/reliability.md')
  /** The rows of every table that ends with what proves them, as their cells. */
  const rows = [...text.matchAll(/^\|.*\| Proved by +\|\n\|[-| ]+\|\n((?:\|.*\|\n)+)/gm)].flatMap(
    ([, body = '']) =>
      body
        .trimEnd()
        .split('\n')
        .map((line) =>
          line
            .slice(2, -1)
            .split(' | ')
            .map((cell) => cell.trim()),
        ),
  )

  test('say in every row which test proves it, or which fault to run by hand', () => {
    expect(rows.length).toBeGreaterThan(60)
    const proofs = rows.map((cells) => cells.at(-1) ?? '')
    expect(proofs.filter((proof) => !/^\[`[\w/]+`\]\(\.\.\/test\/|^`--fault /.test(proof))).toEqual([])
    for (const [, label, target] of text.matchAll(/\[`([\w/]+)`\]\(\.\.\/test\/([^)]+)\.test\.ts\)/g)) {
      expect(label).toBe(target)
      expect(existsSync(join(PROJECT, `test/${target}.test.ts`))).toBe(true)
    }
  })

  test('have every fault that npm run chaos:processes can bring about', () => {
    const named = rows.flatMap(([fault = '']) =>
      [...fault.matchAll(/\(([^)]*)\)/g)].map(([, names = '']) => names),
    )
    const inTables = named.flatMap((names) => [...names.matchAll(/`([\w-]+)`/g)].map(([, name]) => name))
    expect(inTables.toSorted()).toEqual(Object.keys(faults).toSorted())
  })
})

test('the edge cases of docs/orders.md name tests that there are', () => {
  const [, cases = ''] = read('docs/orders.md').split('## Edge cases\n')
  const rows = [...cases.matchAll(/\| \[`([\w/]+)`\]\(\.\.\/test\/([\w/]+)\.test\.ts\): (.+?) +\|$/gm)]
  expect(rows.length).toBe(cases.match(/^\| (?!Case |-)/gm)?.length)
  for (const [, label, file, title = ''] of rows) {
    expect(label).toBe(file)
    const parts = title.split('…')
    const source = read(`test/${file}.test.ts`)
    expect(parts.filter((part) => !source.includes(part))).toEqual([])
  }
})

test('docs/dependencies.md explains every package that is installed, and no other', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'))
  const oracles = JSON.parse(read('bench/oracles/package.json'))
  const explained = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` +\|/gm)].map(([, name]) => name)
  const client = JSON.parse(read('client/package.json'))
  const page = JSON.parse(read('console/package.json'))
  const tools = { ...devDependencies, ...client.devDependencies, ...page.devDependencies }
  const installed = { ...dependencies, ...tools, ...oracles.dependencies }
  expect(explained.toSorted()).toEqual(Object.keys(installed).toSorted())
})

// ---- what a running engine says -----------------------------------------------------------------------------------

describe('a running engine', () => {
  const messages: Message[] = []
  let described: string[] = []
  let undescribed: number[] = []

  beforeAll(async () => {
    const folder = await freshFolder()
    try {
      await runWith(folder.path, {}, async (url) => {
        described = await routesIn(`${url}/openapi.json`)
        undescribed = await Promise.all(
          UNDESCRIBED.map(async (route) => (await fetch(url + route.slice(4))).status),
        )
        messages.push(...(await logOf(url, await place(url))))
        messages.push(...(await logOf(url, await restAndChange(url))))
        messages.push(...(await logOf(url, await startLeg(url))))
        messages.push(...(await logOf(url, await place(url, TWAP))))
        const nowOrNever = await place(url, { ...LIMIT, timeInForce: 'IOC' })
        messages.push(...(await logOf(url, nowOrNever)))
      })
      await runWith(folder.path, { SIM_VENUE_FAULTS: 'raydium=down,meteora=down' }, async (url) => {
        messages.push(...(await logOf(url, await place(url))))
        const id = await place(url)
        await fetch(`${url}/api/orders/${id}`, { method: 'DELETE' })
        messages.push(...(await logOf(url, id)))
      })
    } finally {
      folder.remove()
    }
  }, 60_000)

  test('takes every route of the API table, and the table has every route', () => {
    const rows = [...read('README.md').matchAll(/^\| `([A-Z]+ \/[^`]*)` +\|/gm)].map(([, route]) => route)
    expect(rows.toSorted()).toEqual([...described, ...UNDESCRIBED].toSorted())
    expect(undescribed).toEqual(UNDESCRIBED.map(() => 200))
  })

  test('sends messages of the form that docs/lifecycle.md shows', () => {
    const examples = messages.filter(({ kind }, i) => messages.findIndex((one) => one.kind === kind) === i)
    if (IS_UPDATE) update('docs/lifecycle.md', 'examples', examples.map(exampleOf).join('\n\n'))
    const shown = [...(blockOf('docs/lifecycle.md', 'examples') ?? '').matchAll(/^```json\n([\s\S]*?)^```/gm)]
    const shapes = (all: readonly Message[]) => Object.fromEntries(all.map((one) => [one.kind, shapeOf(one)]))
    expect(shapes(shown.map(([, text = '']) => JSON.parse(text)))).toEqual(shapes(examples))
    expect(Object.keys(shapes(examples)).toSorted()).toEqual(Object.keys(transitions).toSorted())
  })
})

/** Waiting as by default, so that a cancel comes in time and the milliseconds shown are those of a first order. */
async function runWith(
  folder: string,
  faults: Readonly<Record<string, string>>,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const config = { PORT: '0', LOG_LEVEL: 'silent', DATA_DIR: folder, RETRY_BACKOFF_MS: '300', ...faults }
  const engine = await start(readConfig(config))
  try {
    await use(engine.url)
  } finally {
    await engine.stop('the test is over')
  }
}

async function routesIn(openapi: string): Promise<string[]> {
  const { paths } = (await (await fetch(openapi)).json()) as { paths: Record<string, object> }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  )
}

const MARKET = { type: 'market', tokenIn: 'A', tokenOut: 'B', amountIn: '100', slippageBps: 100 }
/** More than the simulated market pays. */
const LIMIT = { ...MARKET, type: 'limit', limitPrice: '5' }

/** It sells what it bought, at a price that does not come. */
const BRACKET = { ...MARKET, exits: [{ type: 'stop', trigger: { price: '0.001' } }] }
const TWAP = { ...MARKET, type: 'twap', slices: 2, durationMs: 1_000 }

async function place(url: string, order: object = MARKET): Promise<string> {
  const response = await fetch(`${url}/api/orders/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(order),
  })
  return ((await response.json()) as { orderId: string }).orderId
}

/** An order that rests, is amended, paused and resumed, and canceled in the end. */
async function restAndChange(url: string): Promise<string> {
  const id = await place(url, LIMIT)
  const order = `${url}/api/orders/${id}`
  const change = (body: object) =>
    fetch(order, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  await vi.waitFor(async () => expect(await (await fetch(order)).json()).toMatchObject({ resting: true }))
  for (const body of [{ limitPrice: '4.75' }, { state: 'paused' }, { state: 'active' }]) await change(body)
  await fetch(order, { method: 'DELETE' })
  return id
}

/** A leg that starts with its parent's fill, and is canceled in the end. */
async function startLeg(url: string): Promise<string> {
  const order = `${url}/api/orders/${await place(url, BRACKET)}`
  return vi.waitFor(async () => {
    const { children } = (await (await fetch(order)).json()) as {
      children: { orderId: string; seq: number }[]
    }
    const [leg] = children
    expect(leg?.seq).toBeGreaterThan(1)
    const orderId = leg?.orderId ?? ''
    await fetch(`${url}/api/orders/${orderId}`, { method: 'DELETE' })
    return orderId
  }, 10_000)
}

/** All messages of an order, once it has come to its end. */
async function logOf(url: string, id: string): Promise<Message[]> {
  const text = await (await fetch(`${url}/api/orders/${id}/events`)).text()
  return [...text.matchAll(/^data: (.+)$/gm)].map(([, data = '']) => JSON.parse(data))
}

const exampleOf = (message: Message) =>
  `\`${message.kind}\`\n\n\`\`\`json\n${JSON.stringify(message, null, 2)}\n\`\`\``

/** Which fields a message has, of which type, whatever they say. */
function shapeOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [`${path}: ${typeof value}`]
  const fields = Array.isArray(value)
    ? value.flatMap((part) => shapeOf(part, `${path}[]`))
    : Object.entries(value).flatMap(([key, part]) => shapeOf(part, `${path}.${key}`))
  return [...new Set(fields)].toSorted()
}
