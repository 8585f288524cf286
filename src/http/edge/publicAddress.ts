// Owns the public address: under which scheme, host and prefix a client has reached us. It comes from PUBLIC_URL, else from
// a trusted proxy, else from the request itself.

import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, type Socket } from 'node:net'
import { type Forwarded, readForwarded, type Scheme, validHost } from './forwarded.ts'

export type PublicAddress = {
  readonly scheme: Scheme
  /** Name and, unless it is the scheme's default, port. */
  readonly host: string
  /** Empty, or the path under which a proxy passes requests on to us. */
  readonly prefix: string
}

export type AddressDeps = {
  readonly publicUrl: string | null
  /** Addresses and networks (CIDR) of proxies whose X-Forwarded-* and Forwarded headers are believed. */
  readonly trustedProxies: readonly string[]
}

export type Addresses = ReturnType<typeof createPublicAddresses>

/** `routes` is read at each request: the application adds its routes later. */
export function createPublicAddresses(
  { publicUrl, trustedProxies }: AddressDeps,
  routes: readonly { readonly url: string }[],
) {
  const isTrusted = membership(trustedProxies)
  const fixed = publicUrl === null ? null : addressOf(publicUrl)

  /** The address from the request and its proxies. */
  function asked({ headers, socket }: IncomingMessage): PublicAddress {
    const host = validHost(headers.host) ?? localHost(socket)
    if (!isTrusted(socket.remoteAddress)) return { scheme: 'http', host, prefix: '' }
    return forwardedAddress(readForwarded(headers), host)
  }

  const of = (request: IncomingMessage): PublicAddress => fixed ?? asked(request)

  /** Whether a route begins like the path: under a prefix /api, the path /api/orders must stay what it is. */
  const isOurs = (path: string) => routes.some(({ url }) => firstSegment(url) === firstSegment(path))

  return {
    /** The address for links in answers. */
    of,

    /** Whether the origin is ours: a page that this engine served. */
    isOwn: (origin: string, request: IncomingMessage): boolean =>
      isAt(origin, of(request)) || isAt(origin, asked(request)),

    /** The host of PUBLIC_URL, if there is one. */
    publicHost: fixed?.host,

    /** The path of PUBLIC_URL; empty without one. */
    publicPrefix: fixed?.prefix ?? '',

    /** The client's address: going back from the connection, the first one that is no trusted proxy. */
    client({ headers, socket }: IncomingMessage): string {
      let address = socket.remoteAddress ?? ''
      if (!isTrusted(address)) return address
      for (const next of readForwarded(headers).clients.toReversed()) {
        if (next === undefined) break
        address = next
        if (!isTrusted(address)) break
      }
      return address
    },

    /**
     * The request's path as our routes know it. Absolute form is accepted, and its host replaces the Host header (RFC 9112,
     * 3.2.2). The prefix of PUBLIC_URL is stripped if the proxy has left it.
     */
    pathOf(request: Pick<IncomingMessage, 'url' | 'headers'>): string {
      const url = originForm(request)
      if (fixed === null || fixed.prefix === '' || !url.startsWith(`${fixed.prefix}/`)) return url
      const rest = url.slice(fixed.prefix.length)
      return isOurs(rest) ? rest : url
    },
  }
}

/** Whether the origin names the host of the address. The default port of the origin's scheme counts as none. */
function isAt(origin: string, address: PublicAddress): boolean {
  if (!URL.canParse(origin)) return false
  const { protocol, host } = new URL(origin)
  const own = `${protocol}//${address.host}`
  return host !== '' && URL.canParse(own) && new URL(own).host === host
}

/** The address that proxies report; `host` where they report none. */
function forwardedAddress(said: Forwarded, host: string): PublicAddress {
  const scheme = said.scheme ?? 'http'
  const [name, ownPort] = splitPort(said.host ?? host)
  // A forwarded 80 or 443 may be the port of a proxy in the middle: the scheme decides which of the two faces the client.
  const facingPort = said.port === '80' || said.port === '443' ? defaultPorts[scheme] : said.port
  const port = said.host === undefined ? (facingPort ?? ownPort) : (ownPort ?? facingPort)
  const isDefault = port === undefined || port === defaultPorts[scheme]
  return { scheme, host: isDefault ? name : `${name}:${port}`, prefix: said.prefix }
}

const firstSegment = (path: string) => /^\/[^/?]*/.exec(path)?.[0]

function originForm(request: Pick<IncomingMessage, 'url' | 'headers'>): string {
  const { url = '' } = request
  if (url.startsWith('/')) return url
  const [, host, rest = ''] = /^https?:\/\/([^/?]*)(.*)$/i.exec(url) ?? []
  if (validHost(host) === undefined) return url
  request.headers.host = host
  return rest.startsWith('/') ? rest : `/${rest}`
}

function addressOf(publicUrl: string): PublicAddress {
  const { protocol, host, pathname } = new URL(publicUrl)
  return { scheme: protocol === 'https:' ? 'https' : 'http', host, prefix: pathname.replace(/\/$/, '') }
}

const splitPort = (host: string): readonly [name: string, port: string | undefined] => {
  const [, name = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? []
  return [name, port]
}

const defaultPorts: Readonly<Record<Scheme, string>> = { http: '80', https: '443' }

/** The local end of the connection, for a client without a Host header. */
const localHost = ({ localAddress = '', localPort }: Socket): string =>
  `${isIP(localAddress) === 6 ? `[${localAddress}]` : localAddress}:${localPort}`

/** A test whether an address is listed, or lies in a listed network. */
function membership(all: readonly string[]): (address: string | undefined) => boolean {
  const list = new BlockList()
  for (const item of all) {
    const [address = '', bits] = item.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family)
  }
  return (address) => {
    if (all.length === 0 || address === undefined) return false
    const bare = address.split('%')[0] ?? ''
    const family = isIP(bare)
    return family !== 0 && list.check(bare, family === 6 ? 'ipv6' : 'ipv4')
  }
}
