// Owns answers on the bare socket, to what never became a request: bytes that are not HTTP, too slow, or ask for a tunnel.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Problem, problemBody, problemHeaders } from './problems.ts'

/** What cannot even be parsed as HTTP is answered on the bare socket. */
export function answerUnparsed(
  error: NodeJS.ErrnoException & { code?: string; rawPacket?: unknown },
  socket: Socket | IncomingMessage['socket'],
) {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  answerBare(socket, parserProblem(error))
}

function parserProblem(error: { readonly code?: string; readonly rawPacket?: unknown }): Problem {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Problem('request_timeout')
  // A client with prior knowledge of HTTP/2, which is wrong here; it hears so at once.
  if (error.code === 'HPE_PAUSED_H2_UPGRADE') {
    return new Problem('invalid_request', { detail: 'HTTP/1.1 is spoken here, not HTTP/2' })
  }
  if (error.code !== 'HPE_HEADER_OVERFLOW') return new Problem('invalid_request')
  // Whether it was the address that did not end shows only where it began in the same packet.
  const packet = Buffer.isBuffer(error.rawPacket) ? error.rawPacket.toString('latin1') : ''
  return new Problem(/^[A-Z]+ [^\r\n]*$/.test(packet) ? 'uri_too_long' : 'headers_too_large')
}

/** Answers on the bare socket and closes it. */
export function answerBare(socket: Duplex, problem: Problem): void {
  const body = problemBody(problem, 'none')
  const text = JSON.stringify(body)
  const headers = {
    'content-length': Buffer.byteLength(text),
    ...problemHeaders(problem),
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  // A client that never reads the answer must not keep the socket.
  socket.end([`HTTP/1.1 ${body.status} Refused`, ...lines, '', text].join('\r\n'), () => socket.destroy())
}
