// HOST may be a name with several addresses: on each of them everything is as on the first, limits included.
import { writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { killAll, type RunningEngine, startEngine } from '../recovery/engineProcess.ts'
import { events, openSocket, place, send } from '../support/client.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { exchange } from '../support/rawHttp.ts'
import { describeWith } from './programs.ts'

const MAX_CONNECTIONS = 20

describeWith(['unshare', 'mount'], 'HOST=localhost with 127.0.0.1 and ::1', () => {
  let data: Awaited<ReturnType<typeof freshFolder>>
  let engine: RunningEngine
  let port: number
  const bases = () => [`http://127.0.0.1:${port}`, `http://[::1]:${port}`]

  beforeAll(async () => {
    data = await freshFolder()
    const hosts = join(dirname(data.path), 'hosts')
    // The third is an address that no machine has for its own.
    writeFileSync(hosts, '127.0.0.1 localhost\n::1 localhost\n192.0.2.1 localhost\n')
    const settings = { HOST: 'localhost', MAX_CONNECTIONS: `${MAX_CONNECTIONS}`, SIM_SPEED: 'instant' }
    engine = await startEngine({ ...settings, DATA_DIR: data.path }, { through: withHosts(hosts) })
    port = Number(new URL(engine.url).port)
  }, 60_000)

  afterAll(async () => {
    await killAll()
    data.remove()
  })

  test('an order is placed, followed and read on each', async () => {
    for (const base of bases()) {
      const { orderId, wsUrl } = await place(base)
      expect(wsUrl).toContain(new URL(base).host)
      expect((await events(wsUrl)).at(-1)?.status).toBe('confirmed')
      expect((await send(`${base}/api/orders/${orderId}`)).body).toMatchObject({ status: 'confirmed' })
    }
  })

  test('what is refused before any route is refused on each', async () => {
    for (const base of bases()) {
      const tunnel = 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n'
      expect((await exchange(base, tunnel)).status).toBe(405)
      expect((await exchange(base, 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n')).status).toBe(400)
      const expecting =
        'GET /healthz HTTP/1.1\r\nHost: localhost\r\nExpect: wonders\r\nConnection: close\r\n\r\n'
      expect((await exchange(base, expecting)).status).toBe(200)
    }
  })

  test('connections are counted together', async () => {
    const open: Socket[] = []
    for (let i = 0; i < 2 * MAX_CONNECTIONS; i++) {
      open.push(connect(port, i % 2 === 0 ? '127.0.0.1' : '::1').on('error', () => {}))
    }
    const areClosed = () => open.filter((socket) => socket.closed).length
    await expect.poll(areClosed, { timeout: 10_000 }).toBeGreaterThanOrEqual(MAX_CONNECTIONS)
    for (const socket of open) socket.destroy()
    // Those that went make room again, on each address.
    for (const base of bases()) {
      await expect
        .poll(() =>
          send(`${base}/healthz`).then(
            ({ status }) => status,
            () => 0,
          ),
        )
        .toBe(200)
    }
  })

  test('a stop ends the streams of each', async () => {
    const streams = bases().map((base) => openSocket(`${base.replace('http', 'ws')}/api/orders/execute`))
    for (const { socket } of streams) await expect.poll(() => socket.readyState).toBe(socket.OPEN)
    engine.child.kill('SIGTERM')
    for (const { closed } of streams) expect((await closed).code).toBe(1001)
    expect((await engine.exited).code).toBe(0)
  })
})

/** Runs a program where localhost has the addresses of a hosts file of our own. */
const withHosts = (hosts: string): readonly string[] => [
  'unshare',
  '--user',
  '--map-root-user',
  '--mount',
  'sh',
  '-c',
  `mount --bind '${hosts}' /etc/hosts && exec "$@"`,
  'sh',
]
