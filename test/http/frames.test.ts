// Frames that are made once for many sockets, as another implementation reads them.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { framesOf } from '../../src/http/streams/frames.ts'

test('a client reads each message as it was, of any length, between those that the library sends', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const texts = [1, 125, 126, 127, 65_535, 65_536, 200_000].flatMap((length) => [
    'x'.repeat(length),
    'é'.repeat(Math.ceil(length / 2)),
  ])
  const messages = texts.map((text) => ({ kind: 'any', text }))
  server.on('connection', (socket, { socket: transport }) => {
    socket.send('before')
    transport.write(framesOf(messages))
    socket.send('after')
    socket.close()
  })
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const read: string[] = []
  client.on('message', (data) => read.push(String(data)))
  await once(client, 'close')
  expect(read).toEqual(['before', ...texts, 'after'])
  expect(framesOf(messages)).toBe(framesOf(messages))
})
