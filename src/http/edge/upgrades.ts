// Owns protocol upgrades: a WebSocket handshake goes to the sockets. Any other upgrade is ignored, as RFC 9110 (7.8) allows,
// and the request is served: Java's HttpClient and `curl --http2` offer h2c with each request.

import { EventEmitter } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** A server that emits WebSocket handshakes only, for the sockets' plugin to listen to. */
export function webSocketUpgrades(server: Server): Server {
  // Node's own listener. The others count connections, and a request that is read once more is no new connection.
  const [read] = server.listeners('connection') as [(this: Server, socket: Duplex) => void]
  const handshakes = new EventEmitter()
  const latest = new WeakMap<Duplex, ServerResponse>()
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    latest.set(request.socket, response)
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const onError = () => socket.destroy()
    // Node has removed its own error listener: without one, a reset connection would end the process.
    socket.on('error', onError)
    afterAnswers(latest.get(socket), () => {
      socket.removeListener('error', onError)
      if (socket.destroyed) return
      const isHandshake = request.headers.upgrade?.toLowerCase() === 'websocket'
      // Nothing listens once the sockets are closed: the handshake is answered like a plain request.
      const isTaken = isHandshake && handshakes.emit('upgrade', request, socket, head)
      if (isTaken) return
      socket.unshift(Buffer.concat([plainHead(request), head]))
      read.call(server, socket)
    })
  })
  return handshakes as Server
}

/** Pipelining: answers leave in the order of their requests, so the earlier ones end first. */
function afterAnswers(last: ServerResponse | undefined, go: () => void): void {
  if (last === undefined || last.destroyed) go()
  else last.once('close', go)
}

/**
 * The request's head without its Upgrade header, to be parsed once more. Node's parser stops behind the head of an upgrade,
 * even of one that is ignored, and would lose what was pipelined in the same packet.
 */
function plainHead({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (name.toLowerCase() !== 'upgrade') lines.push(`${name}: ${rawHeaders[i + 1]}`)
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}
