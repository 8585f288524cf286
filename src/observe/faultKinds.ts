// Owns the kinds of faults of the outside world, and their cures. The text of an error varies; its kind does not.

/** The cure for an operator, by kind: the capitals of a Redis error, a SQLSTATE of Postgres, or an errno of the system. */
const cures: Readonly<Record<string, string>> = {
  CROSSSLOT:
    'REDIS_URL is a cluster: put QUEUE_PREFIX in braces, as in {oee}, so that all keys lie in one slot.',
  MOVED:
    'REDIS_URL is one node of a cluster and the keys are on another: use an address that serves all slots (cluster mode off), or the node that the error names.',
  CLUSTERDOWN: 'The Redis cluster does not serve the slot: mend the cluster.',
  NOPERM: 'The user in REDIS_URL lacks a right: docs/operations.md has the ACL SETUSER line.',
  NOAUTH: 'Redis demands a password: put the user and the password into REDIS_URL.',
  WRONGPASS: 'Check the user and the password in REDIS_URL.',
  READONLY: 'REDIS_URL is a replica: point it at the primary.',
  MASTERDOWN: 'REDIS_URL is a replica without its primary: point it at the primary.',
  NOREPLICAS: 'Redis wants more replicas before it takes writes (min-replicas-to-write): start them.',
  OOM: 'Redis is full: raise its maxmemory.',
  MISCONF: 'Redis cannot save to its disk and takes no writes: see its log.',
  LOADING: 'Redis is reading its data: wait.',
  EVICTION: 'Set maxmemory-policy of Redis to noeviction; an evicted ring costs time.',
  'ERR max number of clients reached': 'Redis has as many clients as it takes: raise its maxclients.',
  'ERR DB index is out of range':
    'REDIS_URL names a database that Redis does not have: use redis://host:port/0.',
  'ERR unknown command':
    'The server lacks a command: REDIS_URL must be a Redis of 6.2 or later with no command renamed, and no Sentinel.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate of the server is for another name: use that name.',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'The server has a self-signed certificate: start the engine with NODE_EXTRA_CA_CERTS=<its certificate>.',
  SELF_SIGNED_CERT_IN_CHAIN:
    'The certificate of the server has an unknown issuer: start the engine with NODE_EXTRA_CA_CERTS=<the certificate of the issuer>.',
  ERR_SSL_WRONG_VERSION_NUMBER: 'The server does not speak TLS: use redis://, or its TLS port.',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'The server does not speak TLS: use redis://, or its TLS port.',
  'Unknown RESP': 'The server at REDIS_URL is not Redis: check host and port.',
  25006: 'The database is read-only: point PG_CONN at the primary.',
  53100: 'The disk of the database is full: free some space.',
  53300: 'The database has as many connections as it takes: raise max_connections, or start fewer processes.',
  '28P01': 'Check the user and the password in PG_CONN.',
}

/** Connection faults look alike for every server, so the part tells which setting is meant. */
const connectionCures: Readonly<Record<string, string>> = {
  'queue ECONNREFUSED': 'Nothing listens there: check host and port of REDIS_URL, and whether Redis runs.',
  'queue ENOTFOUND': 'The host does not resolve: check REDIS_URL.',
  'queue EAI_AGAIN': 'The DNS server does not answer: check REDIS_URL and the network.',
  'queue ETIMEDOUT': 'Redis does not answer: check host and port of REDIS_URL, and rediss:// for TLS.',
  'queue ECONNRESET':
    'Redis hangs up: check port and TLS (rediss://) of REDIS_URL, and whether its maxclients are used up.',
  'queue EPIPE':
    'Redis hangs up: check port and TLS (rediss://) of REDIS_URL, and whether its maxclients are used up.',
  'store ECONNREFUSED': 'Nothing listens there: check host and port of PG_CONN, and whether Postgres runs.',
  'store ENOTFOUND': 'The host does not resolve: check PG_CONN.',
}

const words: readonly (readonly [RegExp, string])[] = [
  // The form of NOPERM within a script.
  [/^ERR The user executing the script can't (run|access)/, 'NOPERM'],
  [/^ERR (max number of clients reached|DB index is out of range|unknown command)/, 'ERR $1'],
  [/^(Unknown RESP)/, '$1'],
  [/^(?!ERR\b)([A-Z]{3,})\b/, '$1'],
]

/** A key that is equal for all errors of one kind: ids, numbers and names in their text do not count. */
export function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'other'
  const { code } = error as Error & { readonly code?: unknown }
  if (typeof code === 'string') return code
  if (error.cause !== undefined) return kindOf(error.cause)
  if (error instanceof AggregateError && error.errors.length > 0) return kindOf(error.errors[0])
  for (const [pattern, kind] of words) {
    const found = pattern.exec(error.message)
    if (found !== null) return kind.replace('$1', found[1] ?? '')
  }
  const plain = error.message.replace(/['"`].*?['"`]|\S*\d\S*/g, '#')
  return `${error.name}: ${plain.slice(0, 80)}`
}

/** The cure, where it is known. */
export function cureOf(part: string, error: unknown): string | undefined {
  const kind = kindOf(error)
  return cures[kind] ?? connectionCures[`${part} ${kind}`]
}
