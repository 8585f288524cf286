// The stream of all orders over kill -9: whichever process dies, a follower that resumes has each event of each order once.
// FOLLOWED_ORDERS: how many are placed between two faults. With 7,000, a follower of two processes has more than 100,000 events.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { freshFolder } from '../support/embeddedFolder.ts'
import { describeDistributed, freshDatabase } from '../support/services.ts'
import { orderWithEvents, startLoad } from './client.ts'
import { badDay } from './crashes.ts'
import { killAll, startEngine, startRole } from './engineProcess.ts'

afterEach(killAll)

type Message = {
  readonly kind: string
  readonly cursor?: string
  readonly orderId?: string
  readonly seq?: number
}

/** Follows all orders at `url()`, and resumes when it is cut off. */
function followAll(url: () => string) {
  const events: string[] = []
  let [cursor, isStopped] = ['', false]
  let socket: WebSocket | null = null
  let [cuts, isCurrent] = [0, false]
  function open(): void {
    if (isStopped) return
    const query = cursor === '' ? '' : `?cursor=${cursor}`
    socket = new WebSocket(`${url().replace('http', 'ws')}/api/orders/stream${query}`)
    socket.on('message', (data) => {
      const message: Message = JSON.parse(String(data))
      if (message.kind === 'current') isCurrent = true
      if (message.seq !== undefined) events.push(`${message.orderId} ${message.seq} ${message.kind}`)
      cursor = message.cursor ?? cursor
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      cuts += 1
      void sleep(50).then(open)
    })
  }
  open()
  return {
    events,
    cuts: () => cuts,
    isCurrent: () => isCurrent,
    stop() {
      isStopped = true
      socket?.terminate()
    },
  }
}

async function expectAll(url: string, ids: Iterable<string>, events: readonly string[]): Promise<void> {
  const whole: string[] = []
  for (const id of ids) {
    const order = await orderWithEvents(url, id)
    whole.push(...order.events.map(({ seq, kind }) => `${id} ${seq} ${kind}`))
  }
  const known = new Set(whole)
  expect(events.filter((event) => known.has(event)).toSorted()).toEqual(whole.toSorted())
  expect(new Set(events).size).toBe(events.length)
}

const FOLLOWED = Number(process.env.FOLLOWED_ORDERS ?? 30)
const CLIENTS = Math.max(4, FOLLOWED / 200)
const PATIENCE = { timeout: 60_000 + 100 * FOLLOWED, interval: 200 }

test(
  'an embedded engine that is killed again and again',
  async () => {
    const folder = await freshFolder()
    const settings = { ...badDay, DATA_DIR: folder.path }
    let engine = await startEngine(settings)
    const port = new URL(engine.url).port
    const follower = followAll(() => engine.url)
    await expect.poll(follower.isCurrent, PATIENCE).toBe(true)
    const load = startLoad('followed', () => engine.url, { clients: CLIENTS, pauseMs: 20 })
    for (let round = 0; round < 3; round++) {
      const placed = load.acknowledged.size
      await expect.poll(() => load.acknowledged.size, PATIENCE).toBeGreaterThan(placed + FOLLOWED)
      await engine.kill()
      engine = await startEngine({ ...settings, PORT: port })
    }
    await load.stop()
    await expect
      .poll(
        () => expectAll(engine.url, load.acknowledged.values(), follower.events).then(() => true),
        PATIENCE,
      )
      .toBe(true)
    expect(follower.cuts()).toBeGreaterThanOrEqual(3)
    follower.stop()
    await engine.kill()
    folder.remove()
  },
  180_000 + 400 * FOLLOWED,
)

describeDistributed('two API processes and two workers', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>
  afterAll(() => database.drop())

  test(
    'of which one after the other is killed',
    async () => {
      database = await freshDatabase()
      const startAs = (role: 'api' | 'worker') =>
        startRole(role, database, { ...badDay, ORDER_LEASE_MS: '1000', SWEEP_MS: '200' })
      let apis = [await startAs('api'), await startAs('api')]
      let workers = [await startAs('worker'), await startAs('worker')]
      const url = () => apis[0]?.url ?? ''
      const follower = followAll(url)
      await expect.poll(follower.isCurrent, PATIENCE).toBe(true)
      const load = startLoad('followed', url, { clients: CLIENTS, pauseMs: 20 })
      const passOn = async () => {
        const placed = load.acknowledged.size
        await expect.poll(() => load.acknowledged.size, PATIENCE).toBeGreaterThan(placed + FOLLOWED)
      }
      await passOn()
      await workers[0]?.kill()
      workers = [...workers.slice(1), await startAs('worker')]
      await passOn()
      await apis[0]?.kill()
      apis = apis.slice(1)
      await passOn()
      await load.stop()
      await expect
        .poll(() => expectAll(url(), load.acknowledged.values(), follower.events).then(() => true), PATIENCE)
        .toBe(true)
      expect(follower.cuts()).toBeGreaterThanOrEqual(1)
      follower.stop()
      expect(workers).toHaveLength(2)
    },
    240_000 + 400 * FOLLOWED,
  )
})
