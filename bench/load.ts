// The load, a process of its own: `load.ts '<Load as JSON>'` prints one line, its LoadResult as JSON.
// HTTP goes over raw keep-alive sockets, one request in flight on each, because the load shares the cores with what it measures.
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { WebSocket } from 'ws'

export type Load =
  /** Posts `orders` as fast as `connections` allow. */
  | { readonly kind: 'burst'; readonly url: string; readonly orders: number; readonly connections: number }
  /** Open loop: posts `rate` orders a second at even distances, and watches `watchRate` of them on sockets. */
  | {
      readonly kind: 'paced'
      readonly url: string
      readonly rate: number
      readonly seconds: number
      readonly watchRate: number
    }
  /** Posts and watches one order after the other, with uneven pauses. */
  | { readonly kind: 'alone'; readonly url: string; readonly orders: number }

export type Spread = {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export type LoadResult = {
  /** Wall clock of the first byte sent and of the last answer. */
  readonly startedAtMs: number
  readonly endedAtMs: number
  /** How often each HTTP status came; 0 stands for a broken connection. */
  readonly answers: Readonly<Record<string, number>>
  readonly orderIds: readonly string[]
  readonly answerMs: Spread
  /** POST due until `confirmed` was read from the socket. */
  readonly confirmedMs: Spread
  /** Watched orders by the last status on their socket; `broken` where it closed before a final one. */
  readonly watched: Readonly<Record<string, number>>
  readonly cpuUsPerRequest: number
  /** CPU of this process from its start to its end, in ms. */
  readonly cpuTotalMs: number
}

export type Answer = { readonly status: number; readonly head: string; readonly body: string }

const PATH = '/api/orders/execute'
const PACED_CONNECTIONS = 64
/** A timer may be about a millisecond late, so an order that is due alone is awaited by spinning for as long. */
const TIMER_SLACK_MS = 2
const PAUSE_MS = 1_000
const GOLDEN_RATIO = 0.618_033_988_75
const WATCH_LIMIT_MS = 60_000
const FINAL = new Set(['confirmed', 'failed', 'canceled', 'expired'])
const BROKEN: Answer = { status: 0, head: '', body: '' }
const now = () => performance.timeOrigin + performance.now()

/** Half of the orders sell what the other half buys, so that a long run does not walk the price away. */
export function requests(url: URL): readonly [Buffer, Buffer] {
  const request = (tokenIn: string, tokenOut: string) => {
    const body = JSON.stringify({ type: 'market', tokenIn, tokenOut, amountIn: '1', slippage: 0.05 })
    const head = `POST ${PATH} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/json\r\n`
    return Buffer.from(`${head}content-length: ${body.length}\r\n\r\n${body}`)
  }
  return [request('A', 'B'), request('B', 'A')]
}

/** One whole answer at the start of `text` (latin1, so that characters are bytes), or undefined while it is incomplete. */
function readAnswer(text: string): Answer | undefined {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const head = text.slice(0, headEnd)
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
  if (text.length < headEnd + 4 + length) return undefined
  return { status: Number(text.slice(9, 12)), head, body: text.slice(headEnd + 4, headEnd + 4 + length) }
}

/** A keep-alive connection: answers `BROKEN` to the request in flight when it breaks, and dials again for the next one. */
export class Line {
  readonly #url: URL
  #socket: Socket | undefined
  #partial = ''
  #answered: ((answer: Answer) => void) | undefined

  constructor(url: URL) {
    this.#url = url
  }

  connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket = this.#dial().once('connect', resolve).once('error', reject)
    })
  }

  /** Never rejects. Not to be called while another request is in flight. */
  post(request: Buffer): Promise<Answer> {
    return new Promise((resolve) => {
      this.#answered = resolve
      this.#socket ??= this.#dial()
      this.#socket.write(request)
    })
  }

  #dial(): Socket {
    const buffer = Buffer.allocUnsafe(16_384)
    const read = (size: number) => {
      this.#partial += buffer.toString('latin1', 0, size)
      const answer = readAnswer(this.#partial)
      if (answer) this.#settle(answer)
      return true
    }
    const socket = connect({
      host: this.#url.hostname,
      port: Number(this.#url.port),
      noDelay: true,
      onread: { buffer, callback: read },
    })
    socket.on('error', () => undefined) // 'close' follows and settles
    socket.on('close', () => {
      this.#socket = undefined
      this.#settle(BROKEN)
    })
    return socket
  }

  #settle(answer: Answer) {
    const answered = this.#answered
    this.#answered = undefined
    this.#partial = ''
    answered?.(answer)
  }
}

export async function openLines(url: URL, count: number): Promise<Line[]> {
  const lines = Array.from({ length: count }, () => new Line(url))
  await Promise.all(lines.map((line) => line.connect()))
  return lines
}

export const orderIdOf = (answer: Answer) => /"orderId":"([^"]+)"/.exec(answer.body)?.[1] ?? ''

/** The Retry-After of an answer; undefined when the request must not be repeated. */
function retryAfterMs(answer: Answer): number | undefined {
  if (answer.status !== 429 && answer.status !== 503) return undefined
  return 1000 * Number(/\r\nretry-after: *(\d+)/i.exec(answer.head)?.[1] ?? 1)
}

/** Follows one order to its last status. Resolves to when and which; `broken` when the socket ended before. */
export function watch(url: URL, orderId: string): Promise<{ status: string; atMs: number }> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://${url.host}${PATH}?orderId=${orderId}`, { perMessageDeflate: false })
    const limit = setTimeout(() => socket.terminate(), WATCH_LIMIT_MS)
    const end = (status: string) => {
      clearTimeout(limit)
      resolve({ status, atMs: now() })
    }
    socket.on('message', (data) => {
      const status: unknown = JSON.parse(String(data)).status
      if (typeof status === 'string' && FINAL.has(status)) end(status)
    })
    socket.on('error', () => end('broken'))
    socket.on('close', () => end('broken')) // after a final status this changes nothing
  })
}

export const spread = (values: readonly number[]): Spread => {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) }
}

const sumUs = ({ user, system }: NodeJS.CpuUsage) => user + system

/** Collects what every kind of load reports; times are taken from when a request was due, not from when it could be sent. */
function recorder() {
  const answers: Record<string, number> = {}
  const watched: Record<string, number> = {}
  const orderIds: string[] = []
  const answerMs: number[] = []
  const confirmedMs: number[] = []
  const startedAtMs = now()
  const cpuBefore = process.cpuUsage()
  let endedAtMs = startedAtMs
  let cpuUs = 0
  return {
    answered(answer: Answer, dueMs: number) {
      endedAtMs = now()
      answers[answer.status] = (answers[answer.status] ?? 0) + 1
      if (answer.status !== 201) return
      answerMs.push(endedAtMs - dueMs)
      orderIds.push(orderIdOf(answer))
    },
    async watched(url: URL, answer: Answer, dueMs: number) {
      const { status, atMs } = await watch(url, orderIdOf(answer))
      watched[status] = (watched[status] ?? 0) + 1
      if (status === 'confirmed') confirmedMs.push(atMs - dueMs)
    },
    stopCpu() {
      cpuUs = sumUs(process.cpuUsage(cpuBefore))
    },
    result(): LoadResult {
      const requests = Object.values(answers).reduce((sum, count) => sum + count, 0)
      return {
        startedAtMs,
        endedAtMs,
        answers,
        orderIds,
        answerMs: spread(answerMs),
        confirmedMs: spread(confirmedMs),
        watched,
        cpuUsPerRequest: cpuUs / requests,
        cpuTotalMs: sumUs(process.cpuUsage()) / 1000,
      }
    },
  }
}

async function burst(load: Load & { kind: 'burst' }): Promise<LoadResult> {
  const url = new URL(load.url)
  const bodies = requests(url)
  const lines = await openLines(url, load.connections)
  const record = recorder()
  let toSend = load.orders
  const send = async (line: Line) => {
    while (toSend > 0) {
      toSend -= 1
      const dueMs = now()
      const answer = await line.post(bodies[toSend & 1 ? 1 : 0])
      record.answered(answer, dueMs)
      const waitMs = retryAfterMs(answer)
      if (waitMs === undefined) continue
      toSend += 1
      await sleep(waitMs)
    }
  }
  await Promise.all(lines.map(send))
  record.stopCpu()
  return record.result()
}

/** Some milliseconds late where orders are close together, and come several at a time; on time where they are not. */
async function until(dueMs: number): Promise<void> {
  const waitMs = dueMs - now()
  await sleep(Math.max(1, waitMs - TIMER_SLACK_MS))
  if (waitMs <= TIMER_SLACK_MS) return
  while (now() < dueMs) await turn()
}

async function paced(load: Load & { kind: 'paced' }): Promise<LoadResult> {
  const url = new URL(load.url)
  const bodies = requests(url)
  const idle = await openLines(url, PACED_CONNECTIONS)
  const late: ((line: Line) => void)[] = []
  const total = Math.round(load.rate * load.seconds)
  const watchEvery = Math.round(load.rate / load.watchRate) | 1 // odd, so that both directions are watched
  const record = recorder()

  const order = async (index: number, dueMs: number) => {
    const line = idle.pop() ?? (await new Promise<Line>((resolve) => late.push(resolve)))
    const answer = await line.post(bodies[index & 1 ? 1 : 0])
    record.answered(answer, dueMs)
    const next = late.shift()
    if (next) next(line)
    else idle.push(line)
    if (answer.status === 201 && index % watchEvery === 0) await record.watched(url, answer, dueMs)
  }

  const startMs = now()
  const open: Promise<void>[] = []
  while (open.length < total) {
    const due = Math.min(total, Math.floor(((now() - startMs) * load.rate) / 1000) + 1)
    for (let index = open.length; index < due; index += 1)
      open.push(order(index, startMs + (index * 1000) / load.rate))
    await until(startMs + (open.length * 1000) / load.rate)
  }
  await Promise.all(open)
  record.stopCpu()
  return record.result()
}

async function alone(load: Load & { kind: 'alone' }): Promise<LoadResult> {
  const url = new URL(load.url)
  const bodies = requests(url)
  const line = new Line(url)
  const record = recorder()
  for (let index = 0; index < load.orders; index += 1) {
    // Landings come in step with slots; orders sent right after one would all meet the same, best phase of the next.
    await sleep(PAUSE_MS * ((index * GOLDEN_RATIO) % 1))
    const dueMs = now()
    const answer = await line.post(bodies[index & 1 ? 1 : 0])
    record.answered(answer, dueMs)
    if (answer.status === 201) await record.watched(url, answer, dueMs)
  }
  record.stopCpu()
  return record.result()
}

function run(load: Load): Promise<LoadResult> {
  switch (load.kind) {
    case 'burst':
      return burst(load)
    case 'paced':
      return paced(load)
    case 'alone':
      return alone(load)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const result = await run(JSON.parse(process.argv[2] ?? ''))
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit())
}
