// Owns what becomes of a request to change the protocol: a WebSocket handshake goes to the sockets, any other is ignored,
// as RFC 9110 (7.8) allows, and the request is served. Java's HttpClient and `curl --http2` offer h2c with each request.

import { EventEmitter } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** Where WebSocket handshakes come out, and no other upgrade; give it to the plugin as its server. */
export function webSocketUpgrades(server: Server): Server {
  // Node's own. Others count connections, and a request that is read once more is no new one.
  const [read] = server.listeners('connection') as [(this: Server, socket: Duplex) => void]
  const handshakes = new EventEmitter()
  const latest = new WeakMap<Duplex, ServerResponse>()
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    latest.set(request.socket, response)
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const onError = () => socket.destroy()
    // Node has taken its own listener away: without one, a reset would end the process.
    socket.on('error', onError)
    afterAnswers(latest.get(socket), () => {
      socket.removeListener('error', onError)
      if (socket.destroyed) return
      const isHandshake = request.headers.upgrade?.toLowerCase() === 'websocket'
      // Once the sockets are closed nothing takes handshakes: they get the answer of a plain request.
      const isTaken = isHandshake && handshakes.emit('upgrade', request, socket, head)
      if (isTaken) return
      socket.unshift(Buffer.concat([plainHead(request), head]))
      read.call(server, socket)
    })
  })
  return handshakes as Server
}

/** Answers leave in the order of their requests: those of pipelined ones before this are over first. */
function afterAnswers(last: ServerResponse | undefined, go: () => void): void {
  if (last === undefined || last.destroyed) go()
  else last.once('close', go)
}

/**
 * The request's head without the header, to be read once more. To deny that it is an upgrade is no way: the parser stops behind its head
 * all the same, and what was pipelined in the same packet would be lost.
 */
function plainHead({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (name.toLowerCase() !== 'upgrade') lines.push(`${name}: ${rawHeaders[i + 1]}`)
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}
