// The proxy does to connections what its modes say, and nothing else.
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startProxy, type TcpProxy } from './tcpProxy.ts'

let server: Server
let proxy: TcpProxy
/** What the server was told, over all connections. */
let told: string

/** Answers everything with the same in capitals. */
beforeEach(async () => {
  told = ''
  server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      told += bytes
      socket.write(String(bytes).toUpperCase())
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  proxy = await startProxy(address.port)
})

afterEach(async () => {
  await proxy.close()
  server.close()
})

type Client = { readonly socket: Socket; heard(): string; readonly closed: Promise<unknown> }

async function open(): Promise<Client> {
  const socket = connect(proxy.port, '127.0.0.1')
  let heard = ''
  socket.on('data', (bytes) => {
    heard += bytes
  })
  // A reset or an end, whichever the system says first.
  socket.on('error', () => {})
  const closed = new Promise<unknown>((resolve) => socket.on('close', resolve))
  await Promise.race([new Promise((resolve) => socket.on('connect', resolve)), closed])
  return { socket, heard: () => heard, closed }
}

const hears = (client: Client, text: string) => expect.poll(client.heard).toBe(text)

test('passes both ways, in order, and ends when either side does', async () => {
  const client = await open()
  for (const word of ['one ', 'two ', 'three']) client.socket.write(word)
  await hears(client, 'ONE TWO THREE')
  client.socket.end()
  await client.closed
})

test('delays, and what was delayed does not overtake or stay behind when it is over', async () => {
  proxy.set({ kind: 'delay', ms: 60_000 })
  const client = await open()
  client.socket.write('late ')
  client.socket.write('still')
  proxy.set({ kind: 'pass' })
  client.socket.write(' now')
  await hears(client, 'LATE STILL NOW')
})

test('drops replies: what was asked arrives, and the connection does not outlive the change', async () => {
  proxy.set({ kind: 'drop-replies' })
  const client = await open()
  client.socket.write('commit')
  await expect.poll(() => told).toBe('commit')
  await expect.poll(() => proxy.swallowed()).toBe('COMMIT'.length)
  proxy.set({ kind: 'pass' })
  await client.closed
  expect(client.heard()).toBe('')
})

test('a black hole holds everything until it is over', async () => {
  proxy.set({ kind: 'black-hole' })
  const client = await open()
  client.socket.write('hello')
  await new Promise(setImmediate)
  expect(told).toBe('')
  proxy.set({ kind: 'pass' })
  await hears(client, 'HELLO')
})

test('resets those who are connected and those who come', async () => {
  const before = await open()
  proxy.set({ kind: 'reset' })
  await before.closed
  await (await open()).closed
})

test('cuts in the middle of an answer', async () => {
  proxy.set({ kind: 'cut', afterBytes: 7 })
  const client = await open()
  client.socket.write('halfway through')
  await client.closed
  expect('HALFWAY').toContain(client.heard())
})

test('ends in the middle of an answer, and what came before arrives', async () => {
  proxy.set({ kind: 'end', afterBytes: 7 })
  const client = await open()
  client.socket.write('halfway through')
  await client.closed
  expect(client.heard()).toBe('HALFWAY')
})

test('dribbles, and loses nothing', async () => {
  proxy.set({ kind: 'trickle', bytes: 2, everyMs: 1 })
  const client = await open()
  client.socket.write('drop by drop')
  await hears(client, 'DROP BY DROP')
})
