// Owns how a command reaches a running engine: its address, its key, and what a denial means in a shell. These settings are
// the client's and not the engine's: they come from the environment alone.

import { readFileSync } from 'node:fs'
import type { Client, OeeError } from 'oee-client'
import { parseEnvFile, readEnvFile } from '../config/envFile.ts'
import { CommandFault, EXIT, UsageError } from './faults.ts'
import { quickFetch } from './quickFetch.ts'
import type { Env } from './terminal.ts'

/** A person waits for the answer, and can repeat the command. */
const MAX_RETRIES = 2

export async function connect(env: Env): Promise<Client> {
  // Before the client is loaded: a setting that cannot be read is reported at once.
  const [url, apiKey] = [urlIn(env), keyIn(env)]
  const { createClient } = await import('oee-client')
  return createClient({
    url,
    maxRetries: MAX_RETRIES,
    fetch: quickFetch,
    ...(apiKey === null ? {} : { apiKey }),
  })
}

/** Where the engine is. */
export function urlIn(env: Env): string {
  if (!env.OEE_URL) return `http://127.0.0.1:${portIn(env)}`
  if (/^https?:\/\/[^/\s]+/.test(env.OEE_URL) && URL.canParse(env.OEE_URL)) return env.OEE_URL
  throw new CommandFault(EXIT.usage, null, 'OEE_URL must be an address such as http://127.0.0.1:3000.')
}

/** As an engine started here would listen. */
function portIn(env: Env): number {
  const port = env.PORT || parseEnvFile(readEnvFile('.env') ?? '').values.PORT
  return port !== undefined && /^[1-9]\d{0,4}$/.test(port) ? Number(port) : 3000
}

/** Null where none is set: an engine on loopback asks for none. */
export function keyIn(env: Env): string | null {
  const key = env.OEE_API_KEY || (env.OEE_API_KEY_FILE ? keyOf(env.OEE_API_KEY_FILE) : null)
  if (key === null || /^[\x21-\x7e]+$/.test(key)) return key
  throw new CommandFault(EXIT.usage, null, 'The API key must be one word, as "oee keys create" prints it.')
}

function keyOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'no reason given'
    throw new CommandFault(EXIT.usage, null, `OEE_API_KEY_FILE names a file that cannot be read (${why}).`)
  }
}

// ---- denials ------------------------------------------------------------------------------------------------------

/** What to try, by code. */
const HINTS: Readonly<Record<string, string>> = {
  key_required: 'set OEE_API_KEY, or OEE_API_KEY_FILE to a file that holds it',
  key_invalid: 'see "oee keys list" where the engine runs',
  scope_missing: 'use a key with that scope: "oee keys create --scopes …"',
  order_not_found: '"oee ls" lists the orders of this key',
  too_late: '"oee show" has what became of it',
  would_fire_at_once: 'repeat it with --on-immediate fire if that is meant',
  off_market: 'repeat it with --accept-off-market if that is meant',
  impact_needs_consent: 'repeat it with --accept-impact if that is meant',
  version_mismatch: 'look at it again with "oee show"',
  invalid_cursor: 'start again without --cursor',
  cursor_expired: 'start again without --cursor',
  trading_halted: 'an operator resumes it with "oee resume"',
  client_order_id_taken: 'choose another, or "oee ls --client-order-id" finds that order',
  not_found: 'OEE_URL may lead to another version of the engine, or to another service',
}

const NOWHERE = ['unreachable', 'timeout', 'bad_answer']

/** One sentence with the code and what to try; the engine's own words where it denied. */
export function faultOf(error: OeeError, env: Env): CommandFault {
  const { code, status, errors, requestId } = error
  const isNowhere = NOWHERE.includes(code)
  const fields = errors.map(({ field, detail }) => `${field}: ${detail}`).join('; ')
  // The detail of the whole repeats that of its first field.
  const said = bare(errors.length === 0 ? error.message : error.message.replace(/ \([^()]*\)$/, ''))
  const what = [
    `${said}${isNowhere ? ` at ${urlIn(env)}` : ''}`,
    fields === '' ? '' : ` (${fields})`,
    status !== null && status >= 500 && requestId !== null ? `, request ${requestId}` : '',
  ].join('')
  const hints = hintsFor(error, isNowhere)
  const message = hints.length === 0 ? what : `${what}: ${hints.join('; ')}`
  return new CommandFault(isNowhere ? EXIT.unreachable : EXIT.failed, code, message)
}

function hintsFor(
  { code, retryAfterMs, isAmbiguous, idempotencyKey }: OeeError,
  isNowhere: boolean,
): string[] {
  return [
    isNowhere ? 'start it with "oee start", or set OEE_URL to where it runs' : HINTS[code],
    retryAfterMs === null ? undefined : `try again in ${Math.ceil(retryAfterMs / 1_000)} s`,
    isAmbiguous && idempotencyKey !== null
      ? `the order may have been placed: repeat the command with --idempotency-key ${idempotencyKey}, which never places two`
      : undefined,
  ].flatMap((hint) => hint ?? [])
}

const bare = (sentence: string) => sentence.replace(/\.(?=$| \()/, '')

/** The whole number of an option; throws a UsageError. */
export function count(name: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= 1 && number <= most) return number
  throw new UsageError(`--${name} must be a whole number from 1 to ${most}.`)
}
