// Owns the address of a Postgres as people write it: read leniently where it can mean one thing only, and written again as
// the driver reads it. No fault repeats what was given: there is a password in it.

type Address = {
  readonly user: string
  readonly password: string
  /** As it stands in a URL: an IPv6 address in its brackets. */
  readonly host: string
  readonly port: string
  readonly database: string
  readonly params: ReadonlyMap<string, string>
}

const UNREADABLE = 'must look like postgres://user:password@host:5432/database, an IPv6 address in brackets'
/** A name, an IPv6 address in brackets, a folder of Unix sockets; or none, for the driver's own default. */
const HOST = /^(?:[\p{L}\p{N}_.-]*|\[[\da-f:.]+\]|\/.*)$/iu

/** What follows the user: `host:port/database?name=value&…`, where only the values may hold an @. */
const PLACE =
  /^(?<host>\[[^\]@/?#]*\]|[^@/?#:[\]\s]*)(?::(?<port>\d*))?(?:\/(?<database>[^@?]*))?(?:\?(?<query>(?:\w+=[^&]*(?:&|$))*))?$/

/** What the engine itself decides of its connections; from elsewhere these would undo it. */
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

/** The address as the driver reads it. Throws an Error that says what it should be. */
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

/** The address with this password, unless it has one. */
export function withPassword(url: string, password: string): string {
  const { password: given, params } = addressIn(url.replace(/^\w+:\/\//, ''))
  if (given !== '' || params.has('password')) return url
  return `${url}${url.includes('?') ? '&' : '?'}password=${encodeURIComponent(password)}`
}

/**
 * A password may hold the very characters that part a URL: of the places at which the user may end, the first is taken behind
 * which nothing but an address is left.
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
        // The driver takes a + for a space here; in what is a secret or a name it is none.
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
  new Error('must name one host; where several servers stand by, an address that follows the primary')

/** What is an escape is read, a % that is none stays. Throws when an escape makes no text. */
function decode(text: string): string {
  try {
    const decoded = text.replace(/(?:%[0-9a-f]{2})+/gi, decodeURIComponent)
    if (!decoded.includes('\0')) return decoded
  } catch {
    // Said below.
  }
  throw new Error('has an escape (% and two digits) that makes no text in UTF-8: write a % itself as %25')
}

function write({ user, password, host, port, database, params }: Address): string {
  const encode = encodeURIComponent
  const query = new Map(params)
  for (const name of [...OURS, 'dbname', 'database']) query.delete(name)
  // A folder of Unix sockets is no host name, wherever it was written.
  const isSocket = host.startsWith('/')
  if (isSocket) query.set('host', host)
  // The driver holds all of these for verify-full, and says so at length at every start.
  const mode = query.get('sslmode')
  const isStrict = mode !== undefined && !['disable', 'no-verify'].includes(mode)
  if (isStrict && !query.has('uselibpqcompat')) query.set('sslmode', 'verify-full')
  if (query.get('sslrootcert') === 'system') query.delete('sslrootcert')
  if (query.get('ssl') === 'false') query.set('ssl', '0')
  const secret = password === '' ? '' : `:${encode(password)}`
  const who = user === '' && secret === '' ? '' : `${encode(user)}${secret}@`
  const where = isSocket ? '' : `${host}${port === '' ? '' : `:${port}`}`
  if (isSocket && port !== '') query.set('port', port)
  const asked = [...query].map(([name, value]) => `${name}=${encode(value)}`).join('&')
  return `postgresql://${who}${where}/${encode(database)}${asked === '' ? '' : `?${asked}`}`
}
