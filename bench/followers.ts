// Followers of the stream of all orders, as a process of its own: `followers.ts '{ url, followers, port }'`. Once all have the
// orders as they are, GET on the port answers with what they have received since. The first reads every event, cut off and resumed again and again; the others share the cores and only count bytes.
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'

export type Followers = { readonly url: string; readonly followers: number; readonly port: number }

export type Received = {
  /** Events of the follower that reads them, and how often it was cut off. */
  readonly events: number
  readonly cuts: number
  readonly doubled: number
  /** Events that came before one that they follow on. */
  readonly outOfOrder: number
  readonly ended: number
  /** Bytes of all others. */
  readonly bytes: number
  /** Sockets that the engine has closed on. */
  readonly closed: number
}

const CUT_AFTER = 2_000
const FINAL = new Set(['confirmed', 'failed', 'canceled', 'expired'])

const { url, followers, port } = JSON.parse(process.argv[2] ?? '') as Followers
const address = `${url.replace('http', 'ws')}/api/orders/stream`
const seqs = new Map<string, number>()
let [events, cuts, doubled, outOfOrder, ended, bytes, closed] = [0, 0, 0, 0, 0, 0, 0]

function readAll(cursor: string, onCurrent: () => void): void {
  const socket = new WebSocket(cursor === '' ? address : `${address}?cursor=${cursor}`)
  let [last, heard, isCut] = [cursor, 0, false]
  socket.on('message', (data) => {
    if (isCut) return
    const message = JSON.parse(String(data))
    if (message.cursor !== undefined) last = message.cursor
    if (message.kind === 'current') onCurrent()
    if (message.seq === undefined) return
    note(message)
    heard += 1
    if (heard < CUT_AFTER) return
    isCut = true
    cuts += 1
    socket.terminate()
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    if (!isCut) closed += 1
    void sleep(isCut ? 0 : 200).then(() => readAll(last, onCurrent))
  })
}

function note({ orderId, seq, status }: { orderId: string; seq: number; status: string }): void {
  const before = seqs.get(orderId) ?? 0
  if (seq <= before) doubled += 1
  else if (seq !== before + 1) outOfOrder += 1
  else {
    events += 1
    seqs.set(orderId, seq)
    if (FINAL.has(status)) ended += 1
  }
}

function count(onCurrent: () => void): void {
  const socket = new WebSocket(address)
  let isCurrent = false
  socket.on('message', (data: Buffer) => {
    bytes += data.length
    if (isCurrent || !data.includes('"kind":"current"')) return
    isCurrent = true
    onCurrent()
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    closed += 1
  })
}

await Promise.all([
  new Promise<void>((onCurrent) => readAll('', onCurrent)),
  ...Array.from({ length: followers - 1 }, () => new Promise<void>((onCurrent) => count(onCurrent))),
])
createServer((_request, response) => {
  const received: Received = { events, cuts, doubled, outOfOrder, ended, bytes, closed }
  response.end(JSON.stringify(received))
}).listen(port, '127.0.0.1')
