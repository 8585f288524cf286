// Places an order as the first frame of a WebSocket, and follows it to its end on the same one; a new socket goes on behind
// the last event.
//
// usage: node trade.mjs [URL]        (http://127.0.0.1:3000 when absent; OEE_API_KEY holds the key, where one is needed)
//
// Node 22 has WebSocket; before it, the package `ws` is the same. In a page, leave out the first line.
const { WebSocket } = globalThis.WebSocket ? globalThis : await import('ws')

const base = (process.argv[2] ?? 'http://127.0.0.1:3000').replace(/\/+$/, '')
const apiKey = process.env.OEE_API_KEY
const execute = `${base.replace(/^http/, 'ws')}/api/orders/execute`
const order = {
  type: 'market',
  tokenIn: 'A',
  tokenOut: 'B',
  amountIn: '100',
  slippageBps: 300,
  // Unique for ever: the order that is sent again is the same one.
  clientOrderId: `example-${Date.now()}`,
}

function deny({ title, code }) {
  console.error(`denied: ${title} (${code})`)
  process.exit(1)
}

/** A ticket stands for the key: a page cannot send a header with a socket. It works once. */
async function protocols() {
  if (apiKey === undefined) return []
  const headers = { authorization: `Bearer ${apiKey}` }
  const answer = await fetch(`${base}/api/tickets`, { method: 'POST', headers })
  const { ticket, ...problem } = await answer.json()
  if (!answer.ok) deny(problem)
  return ['order-stream', `ticket.${ticket}`]
}

let orderId
let last = 0

/** One socket; resolves with its close code. 1000: the order has ended. */
async function connect() {
  const socket = new WebSocket(
    orderId === undefined ? execute : `${execute}?orderId=${orderId}&after=${last}`,
    await protocols(),
  )
  return new Promise((resolve) => {
    socket.onopen = () => {
      if (orderId === undefined) socket.send(JSON.stringify(order))
    }
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data)
      if (message.error) deny(message.error)
      orderId = message.orderId
      if (message.kind === undefined) return console.log(message.orderId, message.summary)
      last = message.seq
      console.log(message.seq, message.kind, message.status)
    }
    socket.onerror = () => {}
    socket.onclose = ({ code }) => resolve(code)
  })
}

let failures = 0
while ((await connect()) !== 1000) {
  failures += 1
  if (failures > 10) {
    console.error('the engine cannot be reached')
    process.exit(3)
  }
  await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(8_000, 250 * 2 ** failures)))
}
