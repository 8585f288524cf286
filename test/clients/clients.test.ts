// Clients in other languages, run as programs as they are by default: each places an order, follows it to its end by all its
// means, places it again under its key, cancels another, and lists.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { EXAMPLE, EXECUTE, swapsOf } from '../support/client.ts'
import { type Ground, startGround } from './engines.ts'
import { startNginx } from './nginx.ts'
import { describeWith, PYTHON, run } from './programs.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const example = (name: string) => fileURLToPath(new URL(`examples/${name}`, import.meta.url))

let ground: Ground
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'order-engine-clients-'))
  ground = await startGround()
})
afterAll(async () => {
  await ground.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** What a client has said, by the first word of each line. */
type Said = Readonly<Record<string, readonly string[]>>

async function trade(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { url, waitingUrl, key } = ground
  const all = [...args, url, waitingUrl]
  const { code, stdout, stderr } = await run(program, all, { API_KEY: key, ...env })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
  return Object.fromEntries(lines.map(([name = '', ...words]) => [name, words]))
}

const FILLED = ['pending', 'routing', 'building', 'submitted', 'confirmed']

/** One order was filled, once, and its client saw all of it; the other was canceled. */
async function expectTraded(said: Said, means: readonly ('socket' | 'events')[]) {
  const [orderId = ''] = said.placed ?? []
  const seen = Object.fromEntries(means.map((name) => [name, FILLED]))
  expect(said).toEqual({
    placed: [expect.stringMatching(/^[0-9a-f-]{36}$/)],
    ...seen,
    repeated: [orderId, 'true'],
    canceled: ['canceled'],
    listed: expect.arrayContaining([orderId]),
  })
  const headers = { authorization: `Bearer ${ground.key}` }
  expect(await swapsOf(ground.url, orderId, headers)).toMatchObject([{ error: null }])
}

describeWith(['curl'], 'curl', () => {
  test.each([
    ['as it is', 'curl'],
    ['with --http2, which offers h2c with every request', 'curl --http2'],
    ['over HTTP/1.0', 'curl --http1.0'],
  ])('%s', async (_, CURL) => {
    await expectTraded(await trade('bash', [example('client.sh')], { CURL }), ['events'])
  })

  test('sends the body from a file, as --json, in chunks, and only when told to continue', async () => {
    const { url, key } = ground
    const file = join(folder, 'order.json')
    writeFileSync(file, `${EXAMPLE}\n`)
    const type = ['-H', 'content-type: application/json']
    for (const how of [
      [...type, '-d', `@${file}`],
      [...type, '--data-binary', `@${file}`],
      ['--json', EXAMPLE],
      [...type, '-d', EXAMPLE, '-H', 'expect: 100-continue'],
      [...type, '-d', EXAMPLE, '-H', 'transfer-encoding: chunked'],
      [...type, '-T', file, '-X', 'POST'],
    ]) {
      const args = ['-sS', '-w', '\n%{http_code}', '-H', `authorization: Bearer ${key}`, ...how]
      const { stdout, stderr } = await run('curl', [...args, `${url}${EXECUTE}`])
      expect({ how, stderr, status: stdout.split('\n').at(-1) }).toEqual({ how, stderr: '', status: '201' })
    }
  })
})

describe('Node', () => {
  test('fetch and the package ws', async () => {
    await expectTraded(await trade(process.execPath, [example('client.mjs')]), ['socket', 'events'])
  })

  test('fetch and its own WebSocket, with a ticket', async () => {
    // Node 20 has it behind a flag, which later ones take as well.
    const args = ['--experimental-websocket', '--no-warnings', example('client.mjs')]
    await expectTraded(await trade(process.execPath, args), ['socket', 'events'])
  })
})

describeWith([PYTHON, 'python3-requests', 'python3-websockets'], 'Python', () => {
  test('requests and websockets', async () => {
    await expectTraded(await trade(PYTHON, [example('client.py')]), ['socket', 'events'])
  })
})

const TYPES = ['limit', 'stop', 'takeProfit', 'trailingStop', 'oco', 'twap', 'sniper']

/** An order of each type was placed, one of them changed in several ways, and all canceled. */
async function expectEachType(url: string, env: Readonly<Record<string, string>>) {
  const { code, stdout, stderr } = await run(PYTHON, [example('order_types.py'), url], {
    API_KEY: ground.key,
    ...env,
  })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const lines = stdout.trim().split('\n')
  expect(lines.slice(0, TYPES.length).map((line) => line.split(' ')[0])).toEqual(TYPES)
  expect(lines.slice(TYPES.length)).toEqual([
    'amended 61',
    'stale version_mismatch',
    'paused paused',
    'canceled True 0',
  ])
}

describeWith([PYTHON, 'python3-requests'], 'Python', () => {
  test('places an order of each type, changes it and cancels', () => expectEachType(ground.url, {}))
})

describeWith([PYTHON, 'python3-requests', 'nginx', 'openssl'], 'Python', () => {
  test('does so through a proxy with a prefix', async () => {
    const nginx = await startNginx(ground.url, '/inner')
    onTestFinished(() => nginx.stop())
    const file = join(folder, 'certificate.pem')
    writeFileSync(file, nginx.certificate)
    await expectEachType(nginx.url, { REQUESTS_CA_BUNDLE: file })
  })
})

describeWith([PYTHON], 'Python', () => {
  test('urllib and http.client', async () => {
    await expectTraded(await trade(PYTHON, [example('standard.py')]), ['events'])
  })
})

describeWith(['go'], 'Go', () => {
  test('net/http', async () => {
    const offline = { GOPROXY: 'off', GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' }
    const env = { ...offline, GOCACHE: join(folder, 'go'), GOPATH: join(folder, 'gopath') }
    await expectTraded(await trade('go', ['run', example('client.go')], env), ['events'])
  })
})

describeWith(['javac'], 'Java', () => {
  test('HttpClient, which offers h2c with every request', async () => {
    await expectTraded(await trade('java', [example('Client.java')]), ['socket', 'events'])
  })
})
