// Owns sockets that follow orders on real engines, and what they were told.
import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { EventView } from './history.ts'

type Followed = { readonly code: number; readonly events: readonly EventView[] }

type Following = { readonly opened: Promise<unknown>; readonly closed: Promise<Followed> }

/** Follows an order behind seq `after` until the socket is closed, by whomever. */
export function follow(url: string, orderId: string, after: number): Following {
  const query = `orderId=${orderId}&after=${after}`
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/orders/execute?${query}`)
  const events: EventView[] = []
  socket.on('message', (text) => events.push(JSON.parse(String(text))))
  const closed = once(socket, 'close').then(([code]) => ({ code: Number(code), events }))
  return { opened: once(socket, 'open'), closed }
}
