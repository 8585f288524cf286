// Trades from a page: fetch with the key in a header, a WebSocket with a ticket, server-sent events read from a fetch.
// The engine's ALLOWED_ORIGINS names the page's origin; a key never goes into an address.

const ORDER = { type: 'market', tokenIn: 'A', tokenOut: 'B', amountIn: '100', slippageBps: 100 }

/** What an engine is asked with this key. */
export function client(engine, key) {
  const ask = (path, { headers, ...init } = {}) =>
    fetch(engine + path, { ...init, headers: { authorization: `Bearer ${key}`, ...headers } })

  return {
    ask,

    /** The same `idempotencyKey` again is the same order, however often it is sent. */
    place: (idempotencyKey) =>
      ask('/api/orders/execute', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        body: JSON.stringify(ORDER),
      }),

    cancel: (orderId) => ask(`/api/orders/${orderId}`, { method: 'DELETE' }),

    /** The statuses of an order from its first, until the engine closes the socket after the last. */
    async overSocket(wsUrl) {
      // A page cannot send a header with a socket: it offers a ticket, which works once.
      const { ticket } = await (await ask('/api/tickets', { method: 'POST' })).json()
      const socket = new WebSocket(wsUrl, ['order-stream', `ticket.${ticket}`])
      const statuses = []
      return new Promise((resolve, reject) => {
        socket.onmessage = ({ data }) => statuses.push(JSON.parse(data).status)
        socket.onclose = ({ code }) =>
          code === 1000 ? resolve(statuses) : reject(new Error(`closed with ${code}`))
      })
    },

    /** The same as server-sent events, read as they come. `EventSource` cannot send the key. */
    async overEvents(orderId) {
      const { body } = await ask(`/api/orders/${orderId}/events`)
      const reader = body.pipeThrough(new TextDecoderStream()).getReader()
      const statuses = []
      let text = ''
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        const events = (text + part.value).split('\n\n')
        text = events.pop()
        for (const event of events) {
          const data = /^data: (.+)$/m.exec(event)?.[1]
          if (data !== undefined) statuses.push(JSON.parse(data).status)
        }
      }
      return statuses
    },
  }
}

const form = document.getElementById('form')
const said = document.getElementById('said')
form.elements.engine.value = location.hash.slice(1)
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const { engine, key } = form.elements
  const { place, overSocket } = client(engine.value, key.value)
  const answer = await place(crypto.randomUUID())
  const order = await answer.json()
  said.textContent = answer.ok ? (await overSocket(order.wsUrl)).join('\n') : order.title
})
