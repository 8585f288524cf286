// Owns HTTP as bytes, for requests that no client library would send.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export function openRaw(base: string): Socket {
  const { hostname, port } = new URL(base)
  const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''))
  // The server may cut a connection that it has answered; what it said before counts.
  socket.on('error', () => {})
  return socket
}

export type RawAnswer = { readonly status: number; readonly head: string; readonly body: string }

/** All that the server says on a connection until it closes it. */
export async function untilClosed(socket: Socket): Promise<RawAnswer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  await once(socket, 'close')
  const text = Buffer.concat(chunks).toString('latin1')
  const [head = '', body = ''] = text.split('\r\n\r\n')
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head: head.toLowerCase(), body }
}

/** Sends bytes as they are and returns what comes back until the server closes the connection. */
export function exchange(base: string, bytes: string): Promise<RawAnswer> {
  const socket = openRaw(base)
  const answer = untilClosed(socket)
  socket.write(bytes, 'latin1')
  return answer
}
