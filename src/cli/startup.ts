// Owns the messages of a start: the greeting, or one sentence with the reason why the engine could not start.

import { type Config, ConfigError, type Key } from '../config.ts'

export function greeting(config: Config, version: string, url: string): string {
  const runtime =
    config.PG_CONN === null ? `embedded, data in ${config.DATA_DIR}` : 'distributed on Postgres and Redis'
  const page = config.ROLE === 'worker' ? '' : `\n  console  ${url}/`
  const firstOrder = `
  Place a first order:
    curl -s ${url}/api/orders/execute -H 'content-type: application/json' \\
      -d '{ "type": "market", "tokenIn": "A", "tokenOut": "B", "amountIn": 100, "slippage": 0.01 }'
`
  return `
  Order execution engine ${version}   ${url}
  venues   ${config.VENUES} (${config.SIM_SPEED})
  runtime  ${runtime}, role ${config.ROLE}${page}
  docs     ${url}/docs
${config.ROLE === 'worker' ? '' : firstOrder}
`
}

/** A failed start, with the setting it depended on. */
class StartFault extends Error {
  readonly setting: Key
  /** The code of the cause, for programs that start an engine themselves. */
  readonly code: string | undefined

  constructor(setting: Key, cause: unknown) {
    super(`${setting}: ${(cause as Error).message}`, { cause })
    this.setting = setting
    this.code = (cause as Fault).code
  }
}

/** Opens a part of the engine. A fault is attributed to the setting that the part depends on. */
export async function named<T>(setting: Key, open: () => Promise<T> | T): Promise<T> {
  try {
    return await open()
  } catch (error) {
    throw new StartFault(setting, error)
  }
}

/** One clear sentence for a fault that the operator can mend, the whole error for any other. */
export function explainStartFault(error: Error): string {
  const all = causesOf(error)
  const causes = all.filter((cause) => !(cause instanceof StartFault))
  const plain = causes.find((cause) => cause instanceof ConfigError || isPlain(cause))
  if (plain !== undefined) return plain.message
  const fault = all.find((cause) => cause instanceof StartFault)
  const sentence =
    fault instanceof StartFault ? sentenceFor(sentences[fault.setting] ?? [], causes) : undefined
  const last = causes.at(-1) ?? error
  return sentence ?? last.stack ?? last.message
}

/** The error and its chain of causes. */
function causesOf(error: unknown): readonly Fault[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : []
}

type Fault = Error & { readonly code?: string; readonly syscall?: string }

/** Errors whose message already names the fault and its cure. */
const isPlain = ({ code }: Fault) => /^(FOLDER|SCHEMA|DATABASE|ENV)_/.test(code ?? '')

/** Sentences for foreign errors, by their code, by system call and code, or by a pattern of code or message. */
type Sentences = readonly (readonly [known: string | RegExp, sentence: string])[]

/** The first sentence that fits any of the causes. The server's own message replaces `{}`. */
function sentenceFor(table: Sentences, causes: readonly Fault[]): string | undefined {
  for (const [known, sentence] of table) {
    const cause = causes.find(({ code, syscall, message }) =>
      typeof known === 'string' ? [code, `${syscall} ${code}`].includes(known) : known.test(code ?? message),
    )
    if (cause !== undefined) return sentence.replace('{}', () => cause.message)
  }
  return undefined
}

const HOST_UNKNOWN =
  'HOST is a name that does not resolve: set it to an address of this machine, such as 127.0.0.1, or to 0.0.0.0 for all.'
const SERVER_UNKNOWN = 'The host of PG_CONN does not resolve: check its name.'
const UNREACHABLE =
  'Postgres cannot be reached: check host and port of PG_CONN, and that the server runs and listens there.'
const NO_SOCKET =
  'Postgres has no socket in the folder that PG_CONN names (host=), or this user may not use it: check folder, port and rights.'
const UNREADABLE_FILE =
  'A file that PG_CONN names (sslrootcert, sslcert, sslkey) cannot be read: check its path and rights.'
const UNTRUSTED =
  'The certificate of Postgres is not trusted: name its authority by sslrootcert in PG_CONN, or do without the check by sslmode=no-verify.'
const NO_POSTGRES =
  'The server at host and port of PG_CONN is not Postgres, or closes the connection at once: check the port.'

/** The sentences by the setting to check. */
const sentences: Partial<Record<Key, Sentences>> = {
  HOST: [
    ['EADDRINUSE', 'The port is taken by another program: set PORT to a free one.'],
    ['EACCES', 'This user may not listen on a port this low: set PORT to 1024 or more.'],
    [
      'EADDRNOTAVAIL',
      'HOST is not an address of this machine: set it to one, such as 127.0.0.1, or to 0.0.0.0 for all.',
    ],
    ['EAFNOSUPPORT', 'HOST is an IPv6 address, and this machine has no IPv6: set it to an IPv4 address.'],
    ['EINVAL', 'HOST needs the network card beside the address, as in fe80::1%eth0.'],
    ['ENOTFOUND', HOST_UNKNOWN],
    ['EAI_AGAIN', HOST_UNKNOWN],
  ],
  DATA_DIR: [['ENOTEMPTY', 'DATA_DIR is neither empty nor a database: choose another folder.']],
  PG_CONN: [
    ['ENOTFOUND', SERVER_UNKNOWN],
    ['EAI_AGAIN', SERVER_UNKNOWN],
    ['connect ENOENT', NO_SOCKET],
    ['connect EACCES', NO_SOCKET],
    [/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EADDRNOTAVAIL)$/, UNREACHABLE],
    [/^(ENOENT|EACCES|EISDIR|ERR_OSSL_.*)$/, UNREADABLE_FILE],
    ['CERT_HAS_EXPIRED', 'The certificate of Postgres has expired: renew it on the server.'],
    [
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'The certificate of Postgres is for other names than the host of PG_CONN: use one of those names, or a certificate for this host.',
    ],
    [/^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|CERT_)/, UNTRUSTED],
    [
      /does not support SSL/,
      'Postgres does not speak TLS, which sslmode demands: turn it on there, or set sslmode=disable in PG_CONN.',
    ],
    [
      /password must be a/,
      'Postgres asks for a password, and PG_CONN holds none: add it there, or set PGPASSWORD.',
    ],
    ['28P01', 'Postgres refuses the password: check user and password of PG_CONN, and PGPASSWORD.'],
    ['28000', 'Postgres denies the user of PG_CONN ({}): check the user, sslmode, and pg_hba.conf.'],
    ['3D000', 'The database of PG_CONN does not exist: create it, or correct the name.'],
    [
      '42501',
      'The user of PG_CONN lacks a right ({}): docs/operations.md lists those that the engine needs.',
    ],
    ['53300', 'Postgres has no connection left ({}): each process needs up to 10; raise max_connections.'],
    ['57P03', 'Postgres is not ready for connections yet ({}): start the engine again when it is.'],
    [
      '57014',
      'Postgres is too slow for the start of the engine ({}): find out what keeps it busy, and start the engine again.',
    ],
    [/^(25006|25P\d\d)$/, 'Postgres takes no writes ({}): set PG_CONN to the primary.'],
    [/^[0-9A-Z]{5}$/, 'Postgres rejects a statement of the start ({}): check PG_CONN.'],
    [
      /timeout/i,
      'Postgres does not answer in time: check host and port of PG_CONN, and the network in between.',
    ],
    [/terminated|SSL connection|secure TLS|ECONNRESET|EPIPE|EPROTO|ERR_SSL/, NO_POSTGRES],
  ],
}

/** Reported when a deployment needs API keys and has none. */
export const NO_KEY =
  'Every request needs an API key here (HOST lets other machines in, or REQUIRE_API_KEYS=always), and there is none. ' +
  'Make one first: npm run keys -- create --name <holder>'
