// `npm run bench:sockets`: many sockets on one order of one process, how long one event takes to reach them all, and their cost.
// Then slow consumers, and upgrades that are left half done. Writes SOCKETS.md. Needs enough file descriptors: `ulimit -n`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { commandLine, wholeNumber } from '../scripts/commandLine.ts'
import { freePort, startNode, typescript } from './processes.ts'

const ENTRY = new URL('../dist/index.js', import.meta.url).pathname
const PATH = '/api/orders/execute'
const MANY = { sockets: 10_000, stalled: 1_000 }
const { sockets: SOCKETS, stalled: STALLED } = commandLine(
  'Opens many sockets on one order of the built engine, then such that read nothing. With the numbers that it has by itself it writes SOCKETS.md.',
  {
    sockets: wholeNumber('sockets at once', MANY.sockets, 1),
    stalled: wholeNumber('sockets that read nothing', MANY.stalled, 1),
  },
)
/** As many as connect at once: a backlog holds 511. */
const CONNECTING = 200
const REST_MS = 5_000
const ORDER = { type: 'market', tokenIn: 'A', tokenOut: 'B', amountIn: '1', slippageBps: 100 }

type Sample = { readonly rss: number; readonly lagMaxMs: number; readonly streams: number }
/** A row without a limit keeps it. */
type Row = readonly [what: string, value: string, limit: string, isKept?: boolean]

const mb = (bytes: number) => (bytes / 1e6).toFixed(0)
const memory = (bytes: number, mostMb: number) =>
  [`${mb(bytes)} MB`, `${mostMb} MB`, bytes <= mostMb * 1e6] as const
const withinASecond = (ms: number) => [`${ms} ms`, '1,000 ms', ms <= 1_000] as const
/** 32 KiB, and the event that went beyond them: 8,000 bytes of quotes and what it says beside. */
const MOST_BUFFERED = 32 * 1_024 + 8_500
const say = (text: string) => process.stdout.write(`${text}\n`)

/** Memory, and the longest that the event loop was held up since the last look. */
async function look(url: string): Promise<Sample> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1])
  return {
    rss: value('oee_process_resident_memory_bytes'),
    lagMaxMs: 1_000 * value('oee_nodejs_eventloop_lag_max_seconds'),
    streams: value('oee_streams_open\\{via="websocket"\\}'),
  }
}

async function place(url: string): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url + PATH, { method: 'POST', headers, body: JSON.stringify(ORDER) })
  return ((await response.json()) as { orderId: string }).orderId
}

function upgrade(url: string, orderId: string): Socket {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  socket.write(
    `GET ${PATH}?orderId=${orderId} HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n` +
      'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  return socket
}

/** Opens sockets, a few at a time; `isOpen` resolves when one has received enough. */
async function openAll(
  count: number,
  open: () => Socket,
  isOpen: (socket: Socket) => Promise<unknown>,
): Promise<Socket[]> {
  const sockets: Socket[] = []
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(CONNECTING, count - sockets.length) }, open)
    await Promise.all(some.map(isOpen))
    sockets.push(...some)
  }
  return sockets
}

/** Resolves with the time at which the socket has received `text`. */
function hears(socket: Socket, text: string): Promise<number> {
  return new Promise((resolve) => {
    let said = ''
    const onData = (chunk: Buffer) => {
      said = (said + chunk.toString('latin1')).slice(-4_096)
      if (!said.includes(text)) return
      socket.off('data', onData)
      resolve(Date.now())
    }
    socket.on('data', onData)
  })
}

const atShare = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

/** An engine on which orders stay open, and what it is asked; it is stopped when that has been answered. */
async function withEngine(measure: (url: string) => Promise<Row[]>): Promise<Row[]> {
  const dir = mkdtempSync(join(tmpdir(), 'oee-bench-sockets-'))
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  // Quotes that take a minute keep orders open until all are there.
  const env = {
    PORT: String(port),
    LOG_LEVEL: 'warn',
    DATA_DIR: join(dir, 'data'),
    QUOTE_TIMEOUT_MS: '60000',
    SIM_QUOTE_LATENCY_MS: '60000-60000',
  }
  const engine = await startNode({
    name: 'engine',
    args: [ENTRY],
    env,
    cwd: dir,
    ready: new URL('/readyz', url),
  })
  try {
    for (let i = 0; i < 20; i++) await fetch(`${url}/api/orders/${await place(url)}`, { method: 'DELETE' })
    await sleep(REST_MS)
    return await measure(url)
  } finally {
    await engine.stop()
  }
}

/** All sockets on one order, which is then canceled: one event to all. */
async function fanOut(url: string): Promise<Row[]> {
  const idle = await look(url)
  const orderId = await place(url)
  const openingAt = Date.now()
  const sockets = await openAll(
    SOCKETS,
    () => upgrade(url, orderId),
    (socket) => hears(socket, '"seq":2'),
  )
  const openedMs = Date.now() - openingAt
  const opening = await look(url)
  await sleep(REST_MS)
  const open = await look(url)
  const heard = sockets.map((socket) => hears(socket, '"kind":"canceled"'))
  const toldAt = Date.now()
  await fetch(`${url}/api/orders/${orderId}`, { method: 'DELETE' })
  const delays = (await Promise.all(heard)).map((at) => at - toldAt).sort((a, b) => a - b)
  const told = await look(url)
  for (const socket of sockets) socket.destroy()
  const peak = Math.max(opening.rss, open.rss, told.rss)
  return [
    [`memory of the process, idle`, `${mb(idle.rss)} MB`, ''],
    [`above that with ${SOCKETS} sockets open`, ...memory(open.rss - idle.rss, 300)],
    [`above that at most`, ...memory(peak - idle.rss, 300)],
    [`sockets opened a second`, (SOCKETS / (openedMs / 1_000)).toFixed(0), ''],
    [`one event to all, from the request that causes it: p50`, `${atShare(delays, 0.5)} ms`, ''],
    [`p99`, ...withinASecond(atShare(delays, 0.99))],
    [`last`, `${delays.at(-1)} ms`, ''],
    [`longest hold of the event loop while opening`, `${opening.lagMaxMs.toFixed(0)} ms`, ''],
    [`while telling all`, `${told.lagMaxMs.toFixed(0)} ms`, ''],
  ]
}

const HALF = `GET ${PATH} HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n`

function leaveHalfDone(url: string): Socket {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  socket.write(HALF)
  return socket.resume()
}

type Abandoned = {
  readonly what: string
  readonly open: () => Socket
  /** The client has gone as far as it goes. */
  readonly isOpen: (socket: Socket) => Promise<unknown>
  /** How many have been cut off, by the engine's own metric and by the sockets closed here. */
  readonly cutOff: (seen: Sample, closed: number) => number
  readonly limitMs: number
}

/** Clients that go so far and no further, all at once, while others place orders; until the last of them was cut off. */
async function abandoned(url: string, { what, open, isOpen, cutOff, limitMs }: Abandoned): Promise<Row[]> {
  const idle = await look(url)
  const startedAt = Date.now()
  let [closed, cut] = [0, 0]
  const sockets = await openAll(SOCKETS, () => open().once('close', () => (closed += 1)), isOpen)
  const answerMs: number[] = []
  let [rss, lagMaxMs] = [0, 0]
  while (cut < SOCKETS && Date.now() - startedAt < 2 * limitMs) {
    const placedAt = Date.now()
    const orderId = await place(url)
    answerMs.push(Date.now() - placedAt)
    await fetch(`${url}/api/orders/${orderId}`, { method: 'DELETE' })
    const seen = await look(url)
    cut = cutOff(seen, closed)
    ;[rss, lagMaxMs] = [Math.max(rss, seen.rss), Math.max(lagMaxMs, seen.lagMaxMs)]
    await sleep(50)
  }
  const tookMs = Date.now() - startedAt
  for (const socket of sockets) socket.destroy()
  answerMs.sort((a, b) => a - b)
  return [
    [`${what}, cut off`, `${cut} of ${SOCKETS}`, 'all', cut === SOCKETS],
    [
      `the last of them, since the first came`,
      `${(tookMs / 1_000).toFixed(1)} s`,
      `${limitMs / 1_000} s and how long they take to come`,
    ],
    [`memory above idle at most`, ...memory(Math.max(0, rss - idle.rss), 300)],
    [`orders of others meanwhile, answered: p50`, `${atShare(answerMs, 0.5)} ms`, ''],
    [`slowest of ${answerMs.length}`, ...withinASecond(answerMs.at(-1) ?? 0)],
    [`longest hold of the event loop`, `${lagMaxMs.toFixed(0)} ms`, ''],
  ]
}

const REQUEST_TIMEOUT_MS = 10_000
/** Pinged after 20 s, cut off after as long again. */
const SILENT_MS = 40_000

const halfDone = (url: string) =>
  abandoned(url, {
    what: 'upgrades left half done',
    open: () => leaveHalfDone(url),
    isOpen: (socket) => new Promise((resolve) => socket.once('connect', resolve).once('close', resolve)),
    cutOff: (_, closed) => closed,
    limitMs: REQUEST_TIMEOUT_MS + 1_000,
  })

async function unread(url: string): Promise<Row[]> {
  const orderId = await place(url)
  return abandoned(url, {
    what: 'whole upgrades of clients that read nothing more',
    open: () => upgrade(url, orderId),
    isOpen: (socket) => hears(socket, '101 Switching').then(() => socket.pause()),
    // A socket that is not read does not notice the end of its connection.
    cutOff: ({ streams }) => SOCKETS - streams,
    limitMs: SILENT_MS,
  })
}

/** Sockets that read nothing, on a log that never ends. */
async function stall(): Promise<Row[]> {
  const args = ['--expose-gc', ...typescript(new URL('./endlessStream.ts', import.meta.url))]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const url = `http://127.0.0.1:${/\d+$/.exec(line)?.[0]}`
    const sockets = await openAll(
      STALLED,
      () => upgrade(url, 'none'),
      (socket) => hears(socket, '101 Switching'),
    )
    for (const socket of sockets) socket.pause()
    const { closed, bufferedMax, grownBytes } = (await (await fetch(`${url}/tell`)).json()) as {
      closed: number
      bufferedMax: number
      grownBytes: number
    }
    for (const socket of sockets) socket.destroy()
    return [
      [`sockets that read nothing, closed with 1013`, `${closed} of ${STALLED}`, 'all', closed === STALLED],
      [
        `most that waits for one`,
        `${(bufferedMax / 1_024).toFixed(0)} KiB`,
        '32 KiB and an event',
        bufferedMax <= MOST_BUFFERED,
      ],
      [`memory above idle with all of them`, ...memory(grownBytes, 100)],
    ]
  } finally {
    child.kill('SIGKILL')
  }
}

const rows = [
  ...(await withEngine(fanOut)),
  ...(await stall()),
  ...(await withEngine(halfDone)),
  ...(await withEngine(unread)),
]
const machine = `${availableParallelism()} cores (${cpus()[0]?.model}); Node ${process.versions.node}`
const lines = rows.map((row) => `| ${row.slice(0, 3).join(' | ')} |`)
const text = `# Sockets

${new Date().toISOString().slice(0, 10)}; ${machine}. Engine and clients on this one machine, over loopback; the clients are one process
and take as much of the cores. \`npm run bench:sockets\`.

| What | Seen | At most |
| --- | --- | --- |
${lines.join('\n')}

The stalled sockets are on a log that never ends: what an order says fits the buffers of the system.
`
say(text)
const beyond = rows.filter(([, , , isKept = true]) => !isKept)
for (const [what, value, limit] of beyond) say(`✗ ${what}: ${value}, at most ${limit}`)
const isWhole = SOCKETS === MANY.sockets && STALLED === MANY.stalled && beyond.length === 0
if (isWhole) writeFileSync(new URL('SOCKETS.md', import.meta.url), text)
else
  say(
    'SOCKETS.md is left as it is: these were other numbers than by itself, or something was beyond its limit.',
  )
process.exitCode = beyond.length > 0 ? 1 : 0
