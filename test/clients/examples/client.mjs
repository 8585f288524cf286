// Trades from Node: node client.mjs URL [URL of an engine whose orders wait, so that there is time to cancel]
// API_KEY is the key, if the engine wants one.
import { randomUUID } from 'node:crypto'

const [engine, waiting = engine] = process.argv.slice(2)
const { API_KEY } = process.env
const access = API_KEY === undefined ? {} : { authorization: `Bearer ${API_KEY}` }
const ORDER = { type: 'market', tokenIn: 'A', tokenOut: 'B', amountIn: '100', slippageBps: 100 }

async function ask(url, { headers, ...init } = {}) {
  const response = await fetch(url, { ...init, headers: { ...access, ...headers } })
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  return response
}

const place = (url, key) =>
  ask(`${url}/api/orders/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(ORDER),
  })

/** Node's own WebSocket sends no headers, so it offers a ticket; the package `ws` sends the key. */
async function openSocket(url) {
  if (globalThis.WebSocket === undefined) {
    const { WebSocket } = await import('ws')
    return new WebSocket(url, { headers: access })
  }
  const { ticket } = await (await ask(`${engine}/api/tickets`, { method: 'POST' })).json()
  return new WebSocket(url, ['order-stream', `ticket.${ticket}`])
}

/** The statuses of an order from its first, until the engine closes the socket after the last. */
async function overSocket(url) {
  const socket = await openSocket(url)
  const statuses = []
  return new Promise((resolve, reject) => {
    socket.addEventListener('message', ({ data }) => statuses.push(JSON.parse(data).status))
    socket.addEventListener('error', () => reject(new Error(`no socket at ${url}`)))
    socket.addEventListener('close', ({ code }) => {
      if (code === 1000) resolve(statuses)
      else reject(new Error(`closed with ${code}`))
    })
  })
}

/** The same as server-sent events, read as they come. */
async function overEvents(url) {
  const { body } = await ask(url)
  const statuses = []
  let text = ''
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const events = (text + chunk).split('\n\n')
    text = events.pop()
    for (const event of events) {
      const data = /^data: (.+)$/m.exec(event)?.[1]
      if (data !== undefined) statuses.push(JSON.parse(data).status)
    }
  }
  return statuses
}

const say = (...words) => process.stdout.write(`${words.flat().join(' ')}\n`)

const key = `node-${randomUUID()}`
const { orderId, wsUrl } = await (await place(engine, key)).json()
say('placed', orderId)
say('socket', await overSocket(wsUrl))
say('events', await overEvents(`${engine}/api/orders/${orderId}/events`))

const again = await place(engine, key)
say('repeated', (await again.json()).orderId, again.headers.get('idempotency-replayed'))

const other = await (await place(waiting, key)).json()
const canceled = await ask(`${waiting}/api/orders/${other.orderId}`, { method: 'DELETE' })
say('canceled', (await canceled.json()).status)

const { orders } = await (await ask(`${engine}/api/orders?limit=100`)).json()
say(
  'listed',
  orders.map((each) => each.orderId),
)
