// Owns what the program says to whoever starts it: how to go on from here, or the one sentence why it could not start.

import { type Config, ConfigError } from './config.ts'
import { UsageError } from './keys.ts'

export function greeting(config: Config, version: string, url: string): string {
  const runtime =
    config.PG_CONN === null ? `embedded, data in ${config.DATA_DIR}` : 'distributed on Postgres and Redis'
  const firstOrder = `
  Place a first order:
    curl -s ${url}/api/orders/execute -H 'content-type: application/json' \\
      -d '{ "type": "market", "tokenIn": "A", "tokenOut": "B", "amountIn": 100, "slippage": 0.01 }'
`
  return `
  Order execution engine ${version}   ${url}
  venues   ${config.VENUES} (${config.SIM_SPEED})
  runtime  ${runtime}, role ${config.ROLE}
  docs     ${url}/docs
${config.ROLE === 'worker' ? '' : firstOrder}
`
}

/** One clear sentence for what the operator can mend, the whole error for what only we can. */
export function explainStartFault(error: Error & { code?: string }): string {
  if (error instanceof ConfigError || error instanceof UsageError) return error.message
  if (error.code === 'EADDRINUSE') return 'The port is taken by another program: set PORT to a free one.'
  if (/^(FOLDER_\w+|SCHEMA_NEWER)$/.test(error.code ?? '')) return error.message
  if (['ECONNREFUSED', 'ENOTFOUND'].includes(error.code ?? '')) {
    return 'Postgres or Redis cannot be reached: check PG_CONN and REDIS_URL.'
  }
  return error.stack ?? error.message
}

/** Why an engine that ran has ended. */
export const explainEnd = (error: Error & { code?: string }): string | undefined =>
  error.code === 'FOLDER_LOST' ? error.message : error.stack

/** What stands for the keys that a deployment lacks where it needs them. */
export const NO_KEY =
  'Every request needs an API key here (HOST lets other machines in, or REQUIRE_API_KEYS=always), and there is none. ' +
  'Make one first: npm run keys -- create --name <whose>'
