// Owns the faults of connections: a TCP proxy on loopback that lets through, delays, swallows, dribbles or cuts.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export type Mode =
  | { readonly kind: 'pass' }
  /** Every piece comes so much later, in either direction. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** What is asked arrives, what is answered does not: the moment in which nobody knows what was done. */
  | { readonly kind: 'drop-replies' }
  /** Nothing arrives; it does, late, once the mode changes. */
  | { readonly kind: 'black-hole' }
  /** Connections are reset, new ones too. */
  | { readonly kind: 'reset' }
  /** Each connection is reset in the middle of its answers, after so many bytes of them. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The same, but what came before the cut arrives: a connection that ends early, as behind a load balancer. */
  | { readonly kind: 'end'; readonly afterBytes: number }
  /** Answers come a few bytes at a time. */
  | { readonly kind: 'trickle'; readonly bytes: number; readonly everyMs: number }

export type TcpProxy = {
  readonly port: number
  /** From now on; what was swallowed stays lost, so connections that it was taken from are reset by the change. */
  set(mode: Mode): void
  /** Bytes of answers that were dropped. */
  swallowed(): number
  close(): Promise<void>
}

/** How long what came before an end has to be read. */
const END_AFTER_MS = 30

type Connection = { readonly client: Socket; readonly server: Socket; replied: number; hasGap: boolean }

export async function startProxy(targetPort: number): Promise<TcpProxy> {
  let mode: Mode = { kind: 'pass' }
  let swallowed = 0
  let announce = () => {}
  let changed = nextChange()
  const connections = new Set<Connection>()

  const listener = createServer((client) => {
    if (mode.kind === 'reset') {
      client.on('error', () => {})
      client.resetAndDestroy()
      return
    }
    const server = connect(targetPort, '127.0.0.1')
    const connection: Connection = { client, server, replied: 0, hasGap: false }
    connections.add(connection)
    for (const socket of [client, server]) {
      socket.setNoDelay(true)
      socket.on('error', () => reset(connection))
      socket.on('close', () => reset(connection))
    }
    pump(client, server, connection)
    pump(server, client, connection)
  })

  function nextChange(): Promise<void> {
    return new Promise((resolve) => (announce = resolve))
  }

  function reset(connection: Connection): void {
    if (!connections.delete(connection)) return
    for (const socket of [connection.client, connection.server]) {
      if (!socket.destroyed) socket.resetAndDestroy()
    }
  }

  /** Pieces of one direction keep their order, however long each takes. */
  function pump(from: Socket, to: Socket, connection: Connection): void {
    const isReply = from === connection.server
    let last: Promise<void> = Promise.resolve()
    from.on('data', (bytes) => {
      const arrivedAt = performance.now()
      last = last.then(() => pass(bytes, arrivedAt, to, isReply, connection))
    })
    from.on('end', () => {
      last = last.then(() => void to.end())
    })
  }

  async function pass(
    bytes: Buffer,
    arrivedAt: number,
    to: Socket,
    isReply: boolean,
    connection: Connection,
  ): Promise<void> {
    if (!connections.has(connection)) return
    switch (mode.kind) {
      case 'pass':
      case 'reset':
        to.write(bytes)
        return
      case 'delay': {
        const leftMs = arrivedAt + mode.ms - performance.now()
        if (leftMs > 0) await Promise.race([sleep(leftMs), changed])
        to.write(bytes)
        return
      }
      case 'drop-replies':
        if (isReply) {
          connection.hasGap = true
          swallowed += bytes.length
        } else to.write(bytes)
        return
      case 'black-hole':
        await changed
        return pass(bytes, arrivedAt, to, isReply, connection)
      case 'end': {
        const left = mode.afterBytes - connection.replied
        if (isReply) connection.replied += bytes.length
        if (!isReply || bytes.length < left) to.write(bytes)
        else if (left > 0) {
          to.write(bytes.subarray(0, left))
          // A client that sees both at once may drop what it has not read.
          await sleep(END_AFTER_MS)
          to.end()
        }
        return
      }
      case 'cut': {
        if (!isReply) {
          to.write(bytes)
          return
        }
        const left = mode.afterBytes - connection.replied
        connection.replied += bytes.length
        if (bytes.length < left) to.write(bytes)
        else to.write(bytes.subarray(0, Math.max(0, left)), () => reset(connection))
        return
      }
      case 'trickle': {
        if (!isReply) {
          to.write(bytes)
          return
        }
        to.write(bytes.subarray(0, mode.bytes))
        const rest = bytes.subarray(mode.bytes)
        if (rest.length === 0) return
        await Promise.race([sleep(mode.everyMs), changed])
        return pass(rest, arrivedAt, to, isReply, connection)
      }
    }
  }

  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    set(next) {
      mode = next
      announce()
      changed = nextChange()
      for (const connection of connections) {
        connection.replied = 0
        if (next.kind === 'reset' || connection.hasGap) reset(connection)
      }
    },
    swallowed: () => swallowed,
    async close() {
      announce()
      for (const connection of connections) reset(connection)
      listener.close()
      await once(listener, 'close')
    },
  }
}
