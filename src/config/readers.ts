// Owns the readers of settings: from text to a value, or to the fault that names the expected form.

import { isIP } from 'node:net'

/** Reads a value, or throws an Error with the expected form. It never repeats the value. */
export type Read<T> = (text: string) => T

type Range = { readonly least: number; readonly most: number }

export function text(value: string): string {
  return value
}

export function integer(least: number, most: number): Read<number> {
  return (value) => {
    const number = Number(value)
    if (!/^\d+$/.test(value) || number < least || number > most) {
      throw new Error(`must be a whole number from ${least} to ${most}`)
    }
    return number
  }
}

/** A number, or `auto`: derived from other settings. */
export function autoOr(read: Read<number>): Read<number | 'auto'> {
  return (value) => {
    if (value === 'auto') return value
    try {
      return read(value)
    } catch (error) {
      throw new Error((error as Error).message.replace('must be', 'must be auto or'))
    }
  }
}

export function oneOf<const T extends string>(...choices: readonly T[]): Read<T> {
  return (value) => {
    const choice = choices.find((candidate) => candidate === value)
    if (choice === undefined) throw new Error(`must be one of: ${choices.join(', ')}`)
    return choice
  }
}

function url(...protocols: readonly string[]): Read<string> {
  return (value) => {
    if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
      throw new Error(`must be a URL that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`)
    }
    return value
  }
}

/** A host name or an address, without scheme and port. */
export function host(value: string): string {
  const bare = /^\[(.+)\]$/.exec(value)?.[1] ?? value
  if (isIP(bare) !== 0) return bare
  const isName = /^[a-z\d_]([a-z\d_.-]*[a-z\d_])?$/i.test(value)
  if (!isName) throw new Error('must be an address or a name alone: no scheme, no port')
  return value
}

const REDIS_FORM = 'redis://user:password@host:port/database'

/** Every part but the host may be absent. `rediss:` uses TLS, `?path=` a Unix socket, `?family=6` IPv6. */
export function redisUrl(value: string): string {
  // An unescaped # or ? in the password ends the URL early: the part before it would be taken for the host.
  const isCutShort = !URL.canParse(value) || /#|\?.*@/.test(value)
  if (/^rediss?:\/\//.test(value) && isCutShort) {
    throw new Error(
      `must look like ${REDIS_FORM}; in a password # is written %23, / %2F, ? %3F, @ %40, % %25`,
    )
  }
  const { username, password, hostname, pathname } = new URL(url('redis:', 'rediss:')(value))
  if (hostname === '' || !/^\/?$|^\/\d{1,5}$/.test(pathname)) {
    throw new Error(`must name a host, and end with it, its port or the number of a database: ${REDIS_FORM}`)
  }
  try {
    decodeURIComponent(username + password)
  } catch {
    throw new Error('has a % in its user or password that stands for nothing: it is written %25')
  }
  return value
}

const PLAIN_PATH = /^(\/[\w.~!$&'()*+;=:@-]+)*\/?$/

/** The address at which clients reach the engine, without a final slash. */
export function publicUrl(value: string): string {
  const { protocol, host, pathname, href } = URL.canParse(value) ? new URL(value) : new URL('about:blank')
  const bare = `${protocol}//${host}${pathname}`
  if (!/^https?:$/.test(protocol) || href !== bare || !PLAIN_PATH.test(pathname) || /[?#@]/.test(value)) {
    throw new Error('must be a URL such as https://trade.example.com/engine')
  }
  return bare.replace(/\/$/, '')
}

/** Schemes of URLs that have a host but are never the origin of a page. */
const NO_PAGE = ['ws:', 'wss:', 'ftp:', 'file:']

/** Origins as browsers write them: lower case, punycode, no default port, no final slash. */
export function origins(value: string): readonly string[] {
  const read = (item: string): string => {
    const { protocol, host, pathname, search, hash, username, password } = URL.canParse(item)
      ? new URL(item)
      : new URL('about:blank')
    const isBare = ['', '/'].includes(pathname) && `${search}${hash}${username}${password}` === ''
    const isOrigin = isBare && host !== '' && !NO_PAGE.includes(protocol) && !/[*?#@]/.test(item)
    if (isOrigin) return `${protocol}//${host}`.toLowerCase()
    // The item is not repeated where it may hold a password.
    const named = item.includes('@') ? 'one with a user' : JSON.stringify(item)
    throw new Error(`must be origins such as https://app.example.com, not ${named}`)
  }
  return [...new Set(list(value).map(read))]
}

export function share(value: string): number {
  const number = Number(value)
  if (!/^\d*\.?\d+$/.test(value) || number > 1) throw new Error('must be a number from 0 to 1')
  return number
}

export function range(value: string): Range {
  const [, least, most] = /^(\d{1,6})-(\d{1,6})$/.exec(value) ?? []
  if (least === undefined || most === undefined || Number(least) > Number(most)) {
    throw new Error('must be a range such as 60-180')
  }
  return { least: Number(least), most: Number(most) }
}

export function addresses(value: string): readonly string[] {
  const all = list(value)
  const isAddress = (text: string) => {
    const [address = '', bits, ...rest] = text.split('/')
    const most = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : -1
    const isMask = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) > 0 && Number(bits) <= most)
    return most > 0 && isMask && rest.length === 0
  }
  if (!all.every(isAddress)) throw new Error('must be addresses or networks such as 10.0.0.0/8')
  return all
}

export function list(value: string): readonly string[] {
  return value.split(',').flatMap((item) => item.trim() || [])
}
