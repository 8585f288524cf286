// Every problem that an operation answers is documented for it, status and code: the corpus of bad requests, and for each
// operation requests that are at fault in each part.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiDocument, codesAt, operationAt, operationsOf, readApi } from '../support/apiDocument.ts'
import { type Json, refusedUpgrade, send } from '../support/client.ts'
import { type EmbeddedEngine, startEmbeddedWith } from '../support/engines.ts'
import { exchange } from '../support/rawHttp.ts'
import { denied, deniedByMarket, deniedResting, unreadable } from './badBodies.ts'
import { badRequests } from './badRequests.ts'

const EXECUTE = '/api/orders/execute'
const NO_ORDER = '019f0000-0000-7000-8000-000000000000'
/** Answered for an address, whatever operations it has. */
const OF_ADDRESSES = ['not_found', 'method_not_allowed']

let engine: EmbeddedEngine
let api: ApiDocument
let keys: Record<'all' | 'trade' | 'read', Record<string, string>>
beforeAll(async () => {
  const started = await startEmbeddedWith(
    async (store) => {
      const make = (...scopes: readonly ('trade' | 'read' | 'admin')[]) =>
        store.create({ name: scopes.join(), scopes, quotas: null, expiresAt: null })
      return {
        all: await make('trade', 'read', 'admin'),
        trade: await make('trade'),
        read: await make('read'),
      }
    },
    { REQUIRE_API_KEYS: 'always' },
  )
  engine = started.engine
  const bearer = ({ token }: { token: string }) => ({ authorization: `Bearer ${token}` })
  const { all, trade, read } = started.made
  keys = { all: bearer(all), trade: bearer(trade), read: bearer(read) }
  api = await readApi(engine.url)
})
afterAll(() => engine.stop())

type Answer = { readonly status: number; readonly body: Json }

function expectDocumented(method: string, address: string, { status, body }: Answer): void {
  if (status < 400 || OF_ADDRESSES.includes(String(body.code))) return
  const operation = operationAt(api, method, address)
  expect({ method, address, status, codes: operation && codesAt(operation, status) }).toEqual({
    method,
    address,
    status,
    codes: expect.arrayContaining([body.code]),
  })
}

describe('the codes of an operation', () => {
  test('are in its document for every request of the corpus', async () => {
    for (const [, bytes] of Object.values(badRequests).flat()) {
      const [, method = '', address = ''] = /^(\w+) (\S+) HTTP/.exec(bytes) ?? []
      if (operationAt(api, method, address) === undefined) continue
      const withKey = bytes.replace('\r\n', `\r\nauthorization: ${keys.all.authorization}\r\n`)
      const { status, body } = await exchange(engine.url, withKey)
      expectDocumented(method, address, { status, body: body.startsWith('{') ? JSON.parse(body) : {} })
    }
  })

  test('are in its document for every order of the corpus, placed and previewed', async () => {
    for (const [, body] of [...unreadable, ...denied, ...deniedResting, ...deniedByMarket]) {
      for (const path of [EXECUTE, '/api/orders/preview']) {
        const headers = { ...keys.all, 'content-type': 'application/json' }
        expectDocumented('POST', path, await send(engine.url + path, { method: 'POST', headers, body }))
      }
    }
  })

  test('are in its document for requests at fault in each part', async () => {
    for (const { method, path } of operationsOf(api)) {
      const address = path.replace('{id}', NO_ORDER)
      const json = { 'content-type': 'application/json' }
      const attempts: readonly [string, Record<string, string>, string?][] = [
        [address, {}],
        [address, { authorization: 'Bearer none' }],
        [address, keys.trade],
        [address, keys.read],
        [`${address}?nonsense=1`, keys.all],
        [`${address}?limit=1&limit=2&status=x&amountIn=-1&tokenIn=A&tokenOut=A&base=A&quote=A`, keys.all],
        [path.replace('{id}', 'no-id'), keys.all],
        [address, { ...keys.all, 'if-match': 'x', 'last-event-id': 'x', 'idempotency-key': ' ' }],
        ...(method === 'GET'
          ? []
          : ['', '{', '{}', '[]', '{"a":1,"a":2}', '{"nonsense":1}', ' '.repeat(20_000)].flatMap(
              (body): [string, Record<string, string>, string][] => [
                [address, { ...keys.all, ...json }, body],
                [address, { ...keys.all, 'content-type': 'text/plain' }, body],
              ],
            )),
      ]
      for (const [url, headers, body] of attempts) {
        const answer = await begin(engine.url + url, { method, headers, ...(body ? { body } : {}) })
        expectDocumented(method, url, answer)
      }
    }
  })

  test('are in its document for upgrades that are denied', async () => {
    const sockets = ['execute', `execute?orderId=${NO_ORDER}`, 'execute?after=x'].map(
      (path) => `/api/orders/${path}`,
    )
    for (const path of [
      ...sockets,
      '/api/quotes/stream?tokenIn=A',
      '/api/candles/stream?base=A&quote=A&interval=1s',
    ]) {
      for (const headers of [{}, keys.all, keys.read, { ...keys.all, origin: 'https://evil.example' }]) {
        const url = engine.url.replace('http', 'ws') + path
        const answer = await refusedUpgrade(url, { headers }).catch(() => null)
        if (answer !== null) expectDocumented('GET', path, answer)
      }
    }
  })
})

/** The answer, without waiting for the end of a stream. */
async function begin(url: string, init: RequestInit): Promise<Answer> {
  const answer = await fetch(url, init)
  if (answer.ok) {
    await answer.body?.cancel()
    return { status: answer.status, body: {} }
  }
  const text = await answer.text()
  return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : {} }
}

describe('the document', () => {
  test('gives every operation an id of its own, a group, a summary, and what it answers', () => {
    const all = operationsOf(api)
    for (const { operation } of all) {
      expect(operation).toMatchObject({ tags: [expect.any(String)], summary: expect.stringMatching(/\.$/) })
      expect(Object.keys(operation.responses).some((status) => /^[12]/.test(status))).toBe(true)
      expect(codesAt(operation, 500)).toEqual(['internal_error'])
    }
    const ids = all.map(({ operation }) => operation.operationId)
    expect([...new Set(ids)]).toEqual(ids)
    expect(ids).not.toContain(undefined)
  })
})
