// Owns the shape of a request, whatever it asks for: one host, a plain path, few headers, and for an upgrade a WebSocket
// handshake. Denies anything that a proxy could parse differently (request smuggling).

import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../problems.ts'
import { validHost } from './forwarded.ts'

/** Real clients send about twenty. */
const MAX_HEADERS = 100
/** Base64 of 16 bytes (RFC 6455, 4.1). */
const WEBSOCKET_KEY = /^[+/0-9A-Za-z]{22}==$/
const WEBSOCKET_VERSION = '13'

export function denyMalformed(
  request: FastifyRequest,
  _reply: FastifyReply,
  done: (e?: Error) => void,
): void {
  done(fault(request.raw) ?? (request.ws ? handshakeFault(request.raw) : undefined))
}

function fault({ headers, rawHeaders, httpVersion, url = '' }: IncomingMessage): Problem | undefined {
  if (rawHeaders.length > 2 * MAX_HEADERS)
    return broken('headers_too_large', `at most ${MAX_HEADERS} headers`)
  if (httpVersion === '0.9') return broken('invalid_request', 'HTTP/1.1 is spoken here')
  // HTTP/1.0 has no Host. With two, a proxy may route by one and we answer by the other.
  const hosts = countOf('host', rawHeaders)
  if (hosts > 1 || (hosts === 0 && httpVersion !== '1.0')) {
    return broken('invalid_request', 'exactly one Host header is required')
  }
  if (headers.host && validHost(headers.host) === undefined) {
    return broken('invalid_request', 'the Host header must be a name or address and a port at most')
  }
  return url.startsWith('/') ? undefined : broken('invalid_request', 'the address must be a path')
}

function countOf(name: string, rawHeaders: readonly string[]): number {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const each = rawHeaders[i] ?? ''
    if (each.length === name.length && each.toLowerCase() === name) count += 1
  }
  return count
}

/** Why the request is no WebSocket handshake (RFC 6455, 4.2.1) that we take; undefined when it is one. */
function handshakeFault({ method, headers, httpVersion }: IncomingMessage): Problem | undefined {
  if (method !== 'GET') return new Problem('method_not_allowed', { headers: { allow: 'GET' } })
  if (httpVersion !== '1.1') return broken('invalid_request', 'an upgrade needs HTTP/1.1')
  const wanted = {
    upgrade: 'websocket',
    connection: 'Upgrade, close',
    'sec-websocket-version': WEBSOCKET_VERSION,
  }
  if (headers['sec-websocket-version'] !== WEBSOCKET_VERSION) {
    return new Problem('upgrade_required', { headers: wanted, detail: 'WebSocket version 13 is spoken here' })
  }
  if (!WEBSOCKET_KEY.test(headers['sec-websocket-key'] ?? '')) {
    return broken('invalid_request', 'Sec-WebSocket-Key must be 16 bytes in base64')
  }
  return undefined
}

const broken = (code: 'invalid_request' | 'headers_too_large', detail: string) =>
  new Problem(code, { detail, headers: { connection: 'close' } })
