// Owns the connection URL of Postgres. It is parsed leniently where it has a single meaning, and written again in the strict
// form that the driver reads. No fault repeats the value: it holds a password.

type Address = {
  readonly user: string
  readonly password: string
  /** As in a URL: an IPv6 address has its brackets. */
  readonly host: string
  readonly port: string
  readonly database: string
  readonly params: ReadonlyMap<string, string>
}

const UNREADABLE = 'must look like postgres://user:password@host:5432/database, an IPv6 address in brackets'
/** A name, an IPv6 address in brackets, a folder of Unix sockets, or empty for the driver's default. */
const HOST = /^(?:[\p{L}\p{N}_.-]*|\[[\da-f:.]+\]|\/.*)$/iu

/** The part after the user: `host:port/database?name=value&…`, where only the values may hold an @. */
const PLACE =
  /^(?<host>\[[^\]@/?#]*\]|[^@/?#:[\]\s]*)(?::(?<port>\d*))?(?:\/(?<database>[^@?]*))?(?:\?(?<query>(?:\w+=[^&]*(?:&|$))*))?$/

/** Parameters that the engine sets itself. In the URL they would override it, so they are removed. */
const OURS = [
  'binary',
  'client_encoding',
  'idle_in_transaction_session_timeout',
  'lock_timeout',
  'query_timeout',
  'replication',
  'statement_timeout',
]
const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify']

/** The URL in the form that the driver reads. Throws an Error with the expected form. */
export function postgresUrl(text: string): string {
  const [, rest] = /^postgres(?:ql)?:\/\/(.*)$/is.exec(text) ?? []
  if (rest === undefined) throw new Error('must be a URL that begins with postgres:// or postgresql://')
  const address = addressIn(rest)
  const { params, database } = address
  checkPlace(address)
  const mode = params.get('sslmode')
  if (mode !== undefined && !SSL_MODES.includes(mode)) {
    throw new Error(`must have an sslmode that is one of: ${SSL_MODES.join(', ')}`)
  }
  return write({ ...address, database: database || params.get('dbname') || params.get('database') || '' })
}

/** The URL with this password, unless it has one. */
export function withPassword(url: string, password: string): string {
  const { password: given, params } = addressIn(url.replace(/^\w+:\/\//, ''))
  if (given !== '' || params.has('password')) return url
  return `${url}${url.includes('?') ? '&' : '?'}password=${encodeURIComponent(password)}`
}

/**
 * A password may hold the very characters that separate the parts of a URL. So every @ is tried as the end of the password, and
 * the first that leaves a valid address behind it is taken.
 */
function addressIn(rest: string): Address {
  const ends = [...rest.matchAll(/@/g)].map(({ index }) => index)
  for (const end of [-1, ...ends]) {
    const place = PLACE.exec(rest.slice(end + 1))?.groups
    if (place === undefined) continue
    const [, user = '', password = ''] = /^([^:]*):?(.*)$/s.exec(rest.slice(0, Math.max(end, 0))) ?? []
    const { host = '', port = '', database = '', query = '' } = place
    const params = [...query.matchAll(/(\w+)=([^&]*)/g)].map(
      ([, name = '', value = '']): [string, string] => [
        name,
        // In `options` a + is a space; in a password or a name it is a plus.
        decode(name === 'options' ? value.replaceAll('+', ' ') : value),
      ],
    )
    return {
      user: decode(user),
      password: decode(password),
      host: decode(host),
      port,
      database: decode(database),
      params: new Map(params),
    }
  }
  if (/(^|@)[^@/]*,/.test(rest)) throw severalHosts()
  throw new Error(UNREADABLE)
}

function checkPlace({ host, port, params }: Address): void {
  const at = params.get('port') ?? port
  if (`${host}${params.get('host') ?? ''}${at}`.includes(',')) throw severalHosts()
  if (!HOST.test(host)) throw new Error(UNREADABLE)
  if (at !== '' && !(Number(at) >= 1 && Number(at) <= 65_535)) {
    throw new Error('must have a port from 1 to 65535')
  }
}

const severalHosts = () =>
  new Error('must name one host; of several servers, an address that follows the primary')

/** Decodes percent-escapes and keeps any other %. Throws when an escape is not valid UTF-8. */
function decode(text: string): string {
  try {
    const decoded = text.replace(/(?:%[0-9a-f]{2})+/gi, decodeURIComponent)
    if (!decoded.includes('\0')) return decoded
  } catch {
    // Reported below.
  }
  throw new Error('has an escape (% and two digits) that is not valid UTF-8: write a % itself as %25')
}

function write({ user, password, host, port, database, params }: Address): string {
  const encode = encodeURIComponent
  const query = new Map(params)
  for (const name of [...OURS, 'dbname', 'database']) query.delete(name)
  // A folder of Unix sockets goes into the query: the driver would take it for a host name.
  const isSocket = host.startsWith('/')
  if (isSocket) query.set('host', host)
  // The driver treats all of these as verify-full, and prints a long warning at each start unless it is named so.
  const mode = query.get('sslmode')
  const isStrict = mode !== undefined && !['disable', 'no-verify'].includes(mode)
  if (isStrict && !query.has('uselibpqcompat')) query.set('sslmode', 'verify-full')
  if (query.get('sslrootcert') === 'system') query.delete('sslrootcert')
  if (query.get('ssl') === 'false') query.set('ssl', '0')
  const secret = password === '' ? '' : `:${encode(password)}`
  const credentials = user === '' && secret === '' ? '' : `${encode(user)}${secret}@`
  const where = isSocket ? '' : `${host}${port === '' ? '' : `:${port}`}`
  if (isSocket && port !== '') query.set('port', port)
  const asked = [...query].map(([name, value]) => `${name}=${encode(value)}`).join('&')
  return `postgresql://${credentials}${where}/${encode(database)}${asked === '' ? '' : `?${asked}`}`
}
