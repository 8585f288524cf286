// Limits of an address from outside: failed keys, requests, sockets. Another address of this machine is another client.
import { once } from 'node:events'
import { request } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import {
  EXECUTE,
  expectProblem,
  heard,
  type Json,
  openSocket,
  place,
  refusedUpgrade,
  send,
} from '../support/client.ts'
import { type Settings, startEmbedded, startEmbeddedWith } from '../support/engines.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function engineWith(settings: Settings): Promise<string> {
  const engine = await startEmbedded(settings)
  closers.push(engine.stop)
  return engine.url
}

async function engineWithKey(settings: Settings) {
  const { engine, made } = await startEmbeddedWith(
    (keys) => keys.create({ name: 'bot', scopes: ['trade', 'read'], quotas: {}, expiresAt: null }),
    { REQUIRE_API_KEYS: 'always', ...settings },
  )
  closers.push(engine.stop)
  return { url: engine.url, key: { authorization: `Bearer ${made.token}` } }
}

const wrong = { authorization: 'Bearer oee_1f6c2a9be07d4583_wrong' }

/** The status for a client of another address of this machine. */
async function statusFrom(localAddress: string, url: string): Promise<number> {
  const asked = request(url, { localAddress, agent: false })
  asked.end()
  const [answer] = await once(asked, 'response')
  answer.resume()
  return answer.statusCode
}

describe('requests without a valid key', () => {
  test('are refused beyond so many a minute, whatever address they claim to come from; valid keys are not', async () => {
    const { url, key } = await engineWithKey({ FAILED_KEYS_PER_MINUTE: '3' })
    const tokens = `${url}/api/tokens`
    for (const left of [2, 1, 0]) {
      const reply = await send<Json>(tokens, { headers: left === 1 ? {} : wrong })
      expectProblem(reply, 401, left === 1 ? 'key_required' : 'key_invalid')
      expect(reply.headers.get('ratelimit-policy')).toBe('"failed-keys";q=3;w=60')
      expect(reply.headers.get('ratelimit')).toMatch(new RegExp(`^"failed-keys";r=${left};t=\\d+$`))
    }
    for (const claimed of ['10.0.0.1', '10.0.0.2', '::1']) {
      const reply = await send<Json>(tokens, { headers: { ...wrong, 'x-forwarded-for': claimed } })
      expectProblem(reply, 429, 'too_many_requests')
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0)
    }
    expect((await send(tokens, { headers: key })).status).toBe(200)
    expect((await send(`${url}/healthz`)).status).toBe(200)
    expect(await statusFrom('127.0.0.2', tokens)).toBe(401)
  })

  test('take tickets along: they are not looked up for who has offered too many', async () => {
    const { url, key } = await engineWithKey({ FAILED_KEYS_PER_MINUTE: '2' })
    const upgrade = `${url.replace('http', 'ws')}${EXECUTE}`
    const offering = (ticket: string) => refusedUpgrade(upgrade, {}, ['order-stream', `ticket.${ticket}`])
    for (let i = 0; i < 2; i++) expectProblem(await offering('none'), 401, 'key_invalid')
    const issued = await send<{ ticket: string }>(`${url}/api/tickets`, { method: 'POST', headers: key })
    expectProblem(await offering(issued.body.ticket), 429, 'too_many_requests')
  })

  test('count for the client behind a proxy that is trusted, and for no other', async () => {
    const { url } = await engineWithKey({ FAILED_KEYS_PER_MINUTE: '1', TRUSTED_PROXIES: '127.0.0.1' })
    const from = async (address: string) =>
      (await send(`${url}/api/tokens`, { headers: { ...wrong, 'x-forwarded-for': address } })).status
    expect([await from('10.0.0.1'), await from('10.0.0.1'), await from('10.0.0.2')]).toEqual([401, 429, 401])
    // What the client itself has put before the proxy's entry is not believed; a /64 is one client.
    expect([await from('10.9.9.9, 10.0.0.1'), await from('10.8.8.8, 10.0.0.1')]).toEqual([429, 429])
    expect([await from('2001:db8::1'), await from('2001:db8::2'), await from('2001:db8:0:1::1')]).toEqual([
      401, 429, 401,
    ])
  })
})

describe('requests of any kind', () => {
  test('are refused beyond so many a minute where that is set, and told what is left; other addresses are not', async () => {
    const url = await engineWith({ REQUESTS_PER_MINUTE: '3' })
    const first = await send(`${url}/healthz`)
    expect(first.headers.get('ratelimit-policy')).toBe('"requests";q=3;w=60')
    expect(first.headers.get('ratelimit')).toMatch(/^"requests";r=2;t=\d+$/)
    await place(url)
    expect((await send(`${url}/nothing`)).status).toBe(404)
    const reply = await send<Json>(`${url}/api/tokens`)
    expectProblem(reply, 429, 'too_many_requests')
    expect(reply.headers.get('ratelimit')).toMatch(/^"requests";r=0;t=\d+$/)
    expect(await statusFrom('127.0.0.2', `${url}/healthz`)).toBe(200)
  })

  test('are not limited on loopback unless that is set', async () => {
    const url = await engineWith({})
    const replies = await Promise.all(Array.from({ length: 200 }, () => send(`${url}/api/tokens`)))
    expect(replies.every(({ status }) => status === 200)).toBe(true)
    expect(replies[0]?.headers.get('ratelimit')).toBeNull()
  })
})

describe('sockets', () => {
  test('of one address are refused before the upgrade beyond so many, until one of them closes', async () => {
    const url = await engineWith({ SOCKETS_PER_ADDRESS: '2' })
    const upgrade = `${url.replace('http', 'ws')}${EXECUTE}`
    const open = [openSocket(upgrade), openSocket(upgrade)]
    for (const { socket } of open) await once(socket, 'open')
    expectProblem(await refusedUpgrade(upgrade), 429, 'too_many_sockets')
    const elsewhere = openSocket(upgrade, { localAddress: '127.0.0.2' })
    await once(elsewhere.socket, 'open')
    elsewhere.socket.close()
    open[0]?.socket.close()
    await open[0]?.closed
    const again = openSocket(upgrade)
    await once(again.socket, 'open')
    again.socket.send('{}')
    await heard(again, 1)
    // A refused upgrade holds no place once its connection has closed.
    again.socket.close()
    await again.closed
    for (let i = 0; i < 3; i++) {
      const unknown = `${upgrade}?orderId=00000000-0000-7000-8000-000000000000`
      expectProblem(await refusedUpgrade(unknown), 404, 'order_not_found')
    }
    open[1]?.socket.close()
  })

  test('count together with server-sent events, which leave their place when they end', async () => {
    const url = await engineWith({ SOCKETS_PER_ADDRESS: '2' })
    const socket = openSocket(`${url.replace('http', 'ws')}${EXECUTE}`)
    await once(socket.socket, 'open')
    const leave = new AbortController()
    const stream = `${url}/api/orders/stream`
    expect((await fetch(stream, { signal: leave.signal })).status).toBe(200)
    expectProblem(await send(stream), 429, 'too_many_sockets')
    leave.abort()
    const { orderId } = await place(url)
    // Each answer of these ends at once or with its order: it takes its place again and again.
    for (let i = 0; i < 4; i++) {
      await expect
        .poll(async () => (await readEvents(`${url}/api/orders/${orderId}/events`)).status)
        .toBe(200)
      expectProblem(await send(`${url}/api/orders/none/events`), 404, 'order_not_found')
    }
    socket.socket.close()
  })
})

async function readEvents(url: string) {
  const reply = await fetch(url)
  await reply.text()
  return reply
}
