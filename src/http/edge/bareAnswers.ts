// Owns answers on the bare socket, where there is no request: bytes that are not HTTP, a request that stalls, CONNECT.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Problem, problemBody, problemHeaders } from '../problems.ts'

/** Answers what the HTTP parser has given up on, unless the connection is gone. */
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
  // HTTP/2 with prior knowledge (RFC 9113, 3.3): not spoken here.
  if (error.code === 'HPE_PAUSED_H2_UPGRADE') {
    return new Problem('invalid_request', { detail: 'HTTP/1.1 is spoken here, not HTTP/2' })
  }
  if (error.code !== 'HPE_HEADER_OVERFLOW') return new Problem('invalid_request')
  // The parser reports one code for both. A packet that begins a request line and does not end it
  // shows that the address was too long.
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
  // Destroyed once written: a client that never reads must not hold the socket.
  socket.end([`HTTP/1.1 ${body.status} Refused`, ...lines, '', text].join('\r\n'), () => socket.destroy())
}
