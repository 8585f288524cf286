// The examples do what they show, with a key and through a connection that breaks.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeWith, PYTHON, type Ran, run } from '../clients/programs.ts'
import { startProxy, type TcpProxy } from '../recovery/tcpProxy.ts'
import { type EmbeddedEngine, startEmbeddedWith } from '../support/engines.ts'

const example = (path: string) => new URL(`../../examples/${path}`, import.meta.url).pathname
const KINDS = ['accepted', 'triggered', 'routed', 'submitted', 'filled']

let engine: EmbeddedEngine
let proxy: TcpProxy
let key: string

beforeAll(async () => {
  const started = await startEmbeddedWith(
    async (keys) => {
      const wanted = { name: 'example', scopes: ['trade', 'read'], quotas: null, expiresAt: null } as const
      return (await keys.create(wanted)).token
    },
    { REQUIRE_API_KEYS: 'always' },
  )
  engine = started.engine
  key = started.made
  proxy = await startProxy(Number(new URL(engine.url).port))
}, 60_000)
afterAll(async () => {
  await proxy.close()
  await engine.stop()
})

const kindsIn = ({ stdout }: Ran) => [...stdout.matchAll(/^\d+ (\w+) \w+\r?$/gm)].map(([, kind]) => kind)

function holds(program: string, path: string) {
  test('trades', async () => {
    const ran = await run(program, [example(path), engine.url], { OEE_API_KEY: key })
    expect({ ...ran, kinds: kindsIn(ran) }).toMatchObject({ code: 0, kinds: KINDS })
  }, 60_000)

  test('misses nothing and repeats nothing when its stream breaks', async () => {
    // The answer's head and some events get through, and a part of the next.
    proxy.set({ kind: 'end', afterBytes: 4_000 })
    const ran = await run(program, [example(path), `http://127.0.0.1:${proxy.port}`], { OEE_API_KEY: key })
    proxy.set({ kind: 'pass' })
    expect({ ...ran, kinds: kindsIn(ran) }).toMatchObject({ code: 0, kinds: KINDS })
  }, 60_000)

  test('prints why it was denied, and fails', async () => {
    const { code, stderr } = await run(program, [example(path), engine.url], { OEE_API_KEY: 'wrong' })
    expect(code).not.toBe(0)
    expect(stderr).toContain('key_invalid')
  }, 60_000)
}

describe('examples/websocket/trade.mjs', () => holds(process.execPath, 'websocket/trade.mjs'))
describeWith([PYTHON], 'examples/python/trade.py', () => holds(PYTHON, 'python/trade.py'))
