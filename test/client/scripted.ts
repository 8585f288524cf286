// Owns servers that behave as a test says: real HTTP on loopback, and a record of what was asked.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Asked = {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly at: number
}

export type Answer = (response: ServerResponse, asked: Asked) => unknown

export type Scripted = {
  readonly url: string
  readonly asked: readonly Asked[]
  /** Answers that have begun, or are still to begin, and have not ended. */
  open(): number
  close(): Promise<void>
}

/** Answers each request with the next of the answers; the last one stands for all that follow. */
export async function scripted(...answers: readonly Answer[]): Promise<Scripted> {
  const asked: Asked[] = []
  let open = 0
  const server = createServer(async (request, response) => {
    open += 1
    response.on('close', () => (open -= 1))
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', url = '', headers } = request
    const one = { method, url, headers, body: Buffer.concat(chunks).toString(), at: performance.now() }
    asked.push(one)
    const answer = answers[Math.min(asked.length, answers.length) - 1]
    if (answer === undefined) throw new Error('the script has no answer')
    answer(response, one)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    open: () => open,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export const json =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(body))
  }

export const problem = (status: number, code: string, headers: Readonly<Record<string, string>> = {}) =>
  json(status, { type: '', title: `It is ${code}.`, status, code, requestId: 'r-1' }, headers)

/** The request is taken, and its connection breaks. */
export const hangUp: Answer = (response) => response.socket?.destroy()

/** The request is taken, and no answer comes. */
export const silence: Answer = () => {}

/** Server-sent events; the connection stays open unless it is cut behind them. */
export const events =
  (
    messages: readonly (Readonly<Record<string, unknown>> & { readonly id?: string | number })[],
    end?: 'cut' | 'end',
  ): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const { id, ...message } of messages) {
      const data = id !== undefined && typeof id === 'number' ? { ...message, seq: id } : message
      response.write(`${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`)
    }
    if (end === 'end') response.end()
    // What was written goes out before the connection is cut.
    else if (end === 'cut') setTimeout(() => response.socket?.destroy(), 20)
    else response.write(': open\n\n')
  }
