// Owns reading X-Forwarded-* and Forwarded (RFC 7239). A value that cannot be read counts as absent. Whether the proxy is
// trusted is decided in publicAddress.ts.

import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'

export type Forwarded = {
  readonly scheme: Scheme | undefined
  readonly host: string | undefined
  readonly port: string | undefined
  /** Empty, or a plain path that begins with a slash and does not end with one. */
  readonly prefix: string
  /** The chain of addresses, the client's first, each as the next proxy saw it; undefined where it is hidden or malformed. */
  readonly clients: readonly (string | undefined)[]
}

export type Scheme = 'http' | 'https'

/**
 * Several proxies make a list; the first value faces the client. Spoofing: a page cannot set these headers, and a program
 * that sends its own misleads only itself. Prefixes add up, because each proxy has stripped one.
 */
export function readForwarded(headers: IncomingHttpHeaders): Forwarded {
  const elements = forwardedElements(headers.forwarded ?? '')
  const standard = (name: string) => elements.find((pairs) => pairs.has(name))?.get(name)
  const first = (name: string) => listOf(headers[name])[0]
  const clients = listOf(headers['x-forwarded-for'])
  return {
    scheme:
      schemes[first('x-forwarded-proto')?.toLowerCase() ?? ''] ??
      schemes[standard('proto')?.toLowerCase() ?? ''],
    host: validHost(first('x-forwarded-host')) ?? validHost(standard('host')),
    port: /^[1-9]\d{0,4}$/.exec(first('x-forwarded-port') ?? '')?.[0],
    prefix: joinPrefixes(listOf(headers['x-forwarded-prefix'])),
    clients: (clients.length > 0 ? clients : elements.map((pairs) => pairs.get('for') ?? '')).map(addressIn),
  }
}

const schemes: Readonly<Record<string, Scheme | undefined>> = {
  http: 'http',
  https: 'https',
  ws: 'http',
  wss: 'https',
}

const listOf = (header: string | readonly string[] | undefined): readonly string[] =>
  [header ?? []]
    .flat()
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '')

const HOST = /^(\[[0-9a-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i

/** The text, if it is valid as a Host header. */
export const validHost = (text: string | undefined): string | undefined =>
  text !== undefined && text.length <= 300 && HOST.test(text) && URL.canParse(`http://${text}`)
    ? text
    : undefined

const PLAIN_PATH = /^(\/(?!\.{1,2}(\/|$))([\w.~!$&'()*+;=:@-]|%[0-9a-f]{2})+)*$/i

function joinPrefixes(prefixes: readonly string[]): string {
  const joined = prefixes
    .map((prefix) => `/${prefix}`.replace(/^\/\/(?!\/)/, '/').replace(/\/$/, ''))
    .join('')
  return joined.length <= 200 && PLAIN_PATH.test(joined) ? joined : ''
}

/** Proxies write `1.2.3.4`, `1.2.3.4:56`, `2001:db8::1` and `[2001:db8::1]:56`. */
function addressIn(text: string): string | undefined {
  const bare = /^\[(.*)\](:\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text
  return isIP(bare) === 0 ? undefined : bare
}

const ELEMENT = /\s*([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*))\s*([;,]|$)/y

/** The pairs of each element of a Forwarded header; no elements when the header is malformed. */
function forwardedElements(header: string): readonly ReadonlyMap<string, string>[] {
  const elements = [new Map<string, string>()]
  ELEMENT.lastIndex = 0
  while (ELEMENT.lastIndex < header.length) {
    const [, name = '', quoted, bare = '', end] = ELEMENT.exec(header) ?? []
    if (end === undefined) return []
    elements.at(-1)?.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? bare)
    if (end === ',') elements.push(new Map())
  }
  return header === '' ? [] : elements
}
