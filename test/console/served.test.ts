// How the engine serves the console: small, once, for its own pages only, and without a word about what it does not have.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import Fastify from 'fastify'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Routes } from '../../src/http/app.ts'
import { consoleRoutes } from '../../src/http/console.ts'
import { createErrorAnswers } from '../../src/http/errors.ts'
import type { Observe } from '../../src/observe.ts'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

const BUILT = fileURLToPath(new URL('../../dist/console', import.meta.url))
const MOST_BYTES = 120 * 1024

let engine: EmbeddedEngine

beforeAll(async () => {
  if (!existsSync(BUILT)) throw new Error(`${BUILT} is missing: run "npm run build" first`)
  engine = await startEmbedded()
})
afterAll(async () => {
  await engine.stop()
})

const ask = (path: string, init: RequestInit = {}) => fetch(`${engine.url}${path}`, init)
const assets = () => readdirSync(join(BUILT, 'assets')).filter((name) => !name.endsWith('.gz'))

/** The modules that a page runs before it shows its first view: what index.html names, and what those import at once. */
function firstScripts(view: string): ReadonlySet<string> {
  const found = new Set<string>()
  const follow = (name: string): void => {
    if (found.has(name)) return
    found.add(name)
    const text = readFileSync(join(BUILT, 'assets', name), 'utf8')
    for (const [, next = ''] of text.matchAll(/(?:from|import)"\.\/([\w.-]+\.js)"/g)) follow(next)
  }
  const [, entry = ''] =
    /src="\.\/assets\/([\w.-]+\.js)"/.exec(readFileSync(join(BUILT, 'index.html'), 'utf8')) ?? []
  follow(entry)
  follow(assets().find((name) => name.startsWith(`${view}-`) && name.endsWith('.js')) ?? '')
  return found
}

test('the page and its files need no key, and may reach nothing but this engine', async () => {
  const page = await ask('/')
  expect(page.status).toBe(200)
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(page.headers.get('cache-control')).toBe('no-cache')
  const policy = page.headers.get('content-security-policy') ?? ''
  expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'/)
  expect(policy).not.toMatch(/unsafe|https?:|\*/)
  // Relative, so that it works behind any prefix.
  expect(await page.text()).not.toMatch(/(?:src|href)="(?!\.\/|data:)/)
})

test('an asset is kept for ever, and comes compressed where that is understood', async () => {
  const [name = ''] = assets().filter((each) => each.endsWith('.js'))
  const plain = await ask(`/assets/${name}`, { headers: { 'accept-encoding': 'identity' } })
  expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  const text = await plain.text()
  const packed = await ask(`/assets/${name}`, { headers: { 'accept-encoding': 'gzip' } })
  expect(packed.headers.get('content-encoding')).toBe('gzip')
  expect(packed.headers.get('vary')).toMatch(/accept-encoding/i)
  expect(await packed.text()).toBe(text)
  expect(gunzipSync(readFileSync(join(BUILT, 'assets', `${name}.gz`))).toString()).toBe(text)
})

test('a HEAD has the head alone; other methods are told which there are; what is no file is not found', async () => {
  const head = await ask('/', { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
  const posted = await ask('/', { method: 'POST' })
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'HEAD, GET'])
  for (const path of ['/assets/none.js', '/nowhere', '/assets/', '/index.html.gz']) {
    const missing = await ask(path)
    expect({ path, status: missing.status, ...((await missing.json()) as object) }).toMatchObject({
      path,
      status: 404,
      code: 'not_found',
    })
  }
})

test('it is served under the prefix of PUBLIC_URL too', async () => {
  await engine.restart({ PUBLIC_URL: 'https://desk.example/engine' })
  const [name = ''] = assets()
  for (const path of ['/engine/', '/engine/icon.svg', `/engine/assets/${name}`]) {
    expect({ path, status: (await ask(path)).status }).toEqual({ path, status: 200 })
  }
  expect(new URL((await ask('/engine')).url).pathname).toBe('/engine/')
  await engine.restart()
  for (const prefix of ['docs', 'metrics', 'api', 'a*b', 'a:b']) {
    await engine.restart({ PUBLIC_URL: `https://desk.example/${prefix}` })
    expect((await ask(`/${prefix}/`)).status).toBe(200)
  }
  await engine.restart()
})

test('the documents of the interface do not name it', async () => {
  const { paths } = (await (await ask('/openapi.json')).json()) as { paths: object }
  expect(Object.keys(paths).filter((path) => path === '/' || path.startsWith('/assets'))).toEqual([])
})

test.each(['Blotter', 'OrderView', 'Trade', 'Portfolio', 'Market', 'System'])(
  'the scripts of a page that opens with %s are at most 120 KB, compressed',
  (view) => {
    const bytes = [...firstScripts(view)].map(
      (name) => readFileSync(join(BUILT, 'assets', `${name}.gz`)).length,
    )
    expect(bytes.length).toBeGreaterThan(1)
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(MOST_BYTES)
  },
)

test('an engine whose console has not been built says so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'order-engine-console-'))
  try {
    writeFileSync(join(folder, 'other.txt'), '')
    const app = Fastify() as unknown as Routes
    createErrorAnswers({ denied: () => {} } as unknown as Observe).install(app)
    await consoleRoutes(app, '', folder)
    const { statusCode, body } = await app.inject('/')
    expect([statusCode, JSON.parse(body).detail]).toEqual([
      404,
      'the console has not been built: npm run build builds it',
    ])
    await app.close()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
