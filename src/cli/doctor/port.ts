// Owns what the doctor says of the port: free, taken by an engine, or taken by something else.

import { createServer } from 'node:net'
import type { Config } from '../../config.ts'
import { explainStartFault, named } from '../startup.ts'
import { type Check, checksOf, cut } from './check.ts'

const { pass, warn, fail } = checksOf('network')
const ANSWER_TIMEOUT_MS = 2_000

export async function portChecks({ HOST, PORT }: Config): Promise<readonly Check[]> {
  if (PORT === 0) return [pass('port', 'PORT is 0: the engine takes a free one')]
  try {
    await named('HOST', () => listen(HOST, PORT))
    return [pass('port', `${HOST}:${PORT} is free`)]
  } catch (error) {
    const isTaken = ((error as Error).cause as { code?: string } | undefined)?.code === 'EADDRINUSE'
    const engine = isTaken ? await engineAt(HOST, PORT) : null
    if (engine !== null) return [engine]
    return [fail('port', ...cut(explainStartFault(error as Error), 'check HOST and PORT'))]
  }
}

const listen = (host: string, port: number) =>
  new Promise<void>((resolve, reject) => {
    const server = createServer()
    server.once('error', reject).listen(port, host, () => server.close(() => resolve()))
  })

/** Null when what listens there is no engine. */
async function engineAt(host: string, port: number): Promise<Check | null> {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const url = `http://${name.includes(':') ? `[${name}]` : name}:${port}`
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) })
    const { status, parts } = (await answer.json()) as {
      status?: string
      parts?: Readonly<Record<string, { ok: boolean }>>
    }
    if (status === undefined || parts === undefined) return null
    const found = `an engine runs on ${url}`
    if (status === 'ready') return pass('port', `${found} and is ready`)
    const down = Object.entries(parts).flatMap(([part, { ok }]) => (ok ? [] : part))
    return warn(
      'port',
      `${found} and is ${status}${down.length === 0 ? '' : ` (${down.join(', ')})`}`,
      `see its log, and ${url}/readyz`,
    )
  } catch {
    return null
  }
}
