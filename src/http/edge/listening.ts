// Owns listening: one HTTP server on every address that HOST stands for, with one limit on connections.

import { lookup } from 'node:dns/promises'
import type { Server as HttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'

export type ListenOptions = {
  readonly host: string
  /** 0: any free port, the same on all addresses. */
  readonly port: number
  /** Connections at once, on all addresses together; further ones are closed. */
  readonly maxConnections: number
  readonly onDropped: () => void
  /** Makes the HTTP server itself listen; resolves to its URL. */
  readonly listen: (address: string, port: number) => Promise<string>
  readonly resolve?: (host: string) => Promise<readonly string[]>
}

export type Listening = {
  readonly url: string
  /** Accepts nothing more on the other addresses; resolves when the connections that came in there have ended. */
  close(): Promise<void>
}

/** A name may resolve to an address that this machine does not have, for example with IPv6 turned off. */
const NOT_HERE: readonly unknown[] = ['EADDRNOTAVAIL', 'EAFNOSUPPORT']

/**
 * Fastify would give `localhost` a second HTTP server, without our handlers and limits. Here the further addresses only
 * accept connections and hand them to the one server. Throws what listening throws, unless another address is this machine's.
 */
export async function listenOnAll(server: HttpServer, options: ListenOptions): Promise<Listening> {
  const { host, port, listen, resolve = addressesOf } = options
  const [url, others] = await listenOnFirst(await resolve(host), (address) => listen(address, port))
  const bound = server.address()
  const taken = typeof bound === 'object' && bound !== null ? bound.port : port
  const handOver = sharing(server, options)
  const accepters: Server[] = []
  const close = async () => {
    await Promise.all(accepters.map((accepter) => new Promise((closed) => accepter.close(closed))))
  }
  try {
    for (const address of others) {
      const accepter = createServer({ allowHalfOpen: true, noDelay: true }, handOver)
      if (await isListening(accepter, address, taken)) accepters.push(accepter)
    }
  } catch (error) {
    await close()
    throw error
  }
  return { url, close }
}

/** Listens on the first address that this machine has; the rest are left for accepters. */
async function listenOnFirst(
  [address = '', ...others]: readonly string[],
  listen: (address: string) => Promise<string>,
): Promise<[url: string, others: readonly string[]]> {
  try {
    return [await listen(address), others]
  } catch (error) {
    if (others.length === 0 || !isNotHere(error)) throw error
    return listenOnFirst(others, listen)
  }
}

async function isListening(accepter: Server, address: string, port: number): Promise<boolean> {
  try {
    await new Promise<void>((listening, failed) => {
      accepter.once('error', failed)
      accepter.listen({ host: address, port, ipv6Only: address.includes(':') }, listening)
    })
    return true
  } catch (error) {
    if (isNotHere(error)) return false
    throw error
  }
}

/** Hands a connection to the server as its own, as long as all addresses together are below the limit. */
function sharing(server: HttpServer, { maxConnections, onDropped }: ListenOptions) {
  const open = new Set<Socket>()
  let elsewhere = 0
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })

  function count(change: 1 | -1): void {
    elsewhere += change
    // Node reads 0 as no limit.
    server.maxConnections = Math.max(1, maxConnections - elsewhere)
  }

  return (socket: Socket): void => {
    if (open.size >= maxConnections) {
      onDropped()
      socket.destroy()
      return
    }
    count(1)
    socket.once('close', () => count(-1))
    server.emit('connection', socket)
  }
}

const isNotHere = (error: unknown) => NOT_HERE.includes((error as NodeJS.ErrnoException).code)

/** Each address once; the first is shown in the URL. */
async function addressesOf(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true, order: 'ipv4first' })
  return [...new Set(found.map(({ address }) => address))]
}
