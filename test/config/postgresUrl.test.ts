// Addresses of Postgres as people write them mean to the driver what their writers meant.
import { readFileSync } from 'node:fs'
import { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from '../../src/config.ts'

const REDIS_URL = 'redis://127.0.0.1'

/** What the driver makes of it, and of nothing else. */
function read(PG_CONN: string, more: Readonly<Record<string, string>> = {}) {
  const { PG_CONN: connectionString } = readConfig({ PG_CONN, REDIS_URL, ...more })
  if (connectionString === null) throw new Error('a setting that was given')
  const { user, password, host, port, database, connectionParameters } = new Client({
    connectionString,
  }) as Client & {
    connectionParameters: { ssl: unknown; options?: string }
  }
  return {
    user,
    password,
    host,
    port,
    database,
    ssl: connectionParameters.ssl,
    options: connectionParameters.options,
  }
}

const PLACE = { user: 'u', host: 'h', port: 5432, database: 'db' }

describe('a password is read', () => {
  test.each([
    ['p', 'p'],
    ['a/b', 'a/b'],
    ['a+b', 'a+b'],
    ['a=b==', 'a=b=='],
    ['a#b', 'a#b'],
    ['a?b', 'a?b'],
    ['a@b', 'a@b'],
    ['@', '@'],
    ['a:b', 'a:b'],
    ['a&b', 'a&b'],
    ['a b', 'a b'],
    ['a%b', 'a%b'],
    ['100%', '100%'],
    ['a%zz', 'a%zz'],
    ['ü€', 'ü€'],
    ['a[b]\\"\'`$c', 'a[b]\\"\'`$c'],
    ['123/abc', '123/abc'],
    ['5432?x', '5432?x'],
    ['5#x', '5#x'],
    ['@//:@?#', '@//:@?#'],
    ['a%40b', 'a@b'],
    ['%2F%2B%3D%23%3F%40%25%3A%26%20', '/+=#?@%:& '],
    ['%C3%BC', 'ü'],
  ])('from %s', (written, password) => {
    expect(read(`postgres://u:${written}@h:5432/db`)).toMatchObject({ ...PLACE, password })
    expect(read(`postgresql://u:${written}@h/db?application_name=x`)).toMatchObject({ ...PLACE, password })
  })

  test('from every character that can be written as an escape, and from each of ASCII as it is', () => {
    const ascii = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))
    for (const one of [...ascii, 'ß', '漢', '😀', '\u00a0']) {
      const password = `a${one}b`
      expect(read(`postgres://u:${encodeURIComponent(password)}@h/db`)).toMatchObject({ ...PLACE, password })
      expect(read(`postgres://u:${password}@h/db`)).toMatchObject({ ...PLACE, password })
    }
  })

  test.each(['/ + = # ? @ % : &', 'ü$x$$y', "'quoted'", '"quoted"', ' a ', 'a%41'])(
    'from PGPASSWORD as it is: %s',
    (PGPASSWORD) => {
      for (const url of ['postgres://u@h/db', 'postgres://u:@h/db', 'postgres://u@h/db?application_name=x'])
        expect(read(url, { PGPASSWORD })).toMatchObject({ ...PLACE, password: PGPASSWORD })
      expect(read('postgres://u:own@h/db', { PGPASSWORD })).toMatchObject({ password: 'own' })
      expect(read('postgres://u@h/db?password=own', { PGPASSWORD })).toMatchObject({ password: 'own' })
    },
  )

  test('without the end of the line that a file of secrets has', () => {
    expect(read('postgres://u@h/db', { PGPASSWORD: 'p\r\n' })).toMatchObject({ password: 'p' })
  })
})

test('compose.yaml passes a password of any characters to the engine as it is', () => {
  const compose = readFileSync(new URL('../../compose.yaml', import.meta.url), 'utf8')
  const [, block = ''] = /^x-environment: &environment\n((?: {2}.*\n)+)/m.exec(compose) ?? []
  const given = `p/+=#?@%: &'"$x\\`
  // What Compose puts in, it puts into the value: after the YAML has been read.
  const env = Object.fromEntries(
    [...block.matchAll(/^ {2}([A-Z_]+): (.+)$/gm)].map(([, key, value = '']) => [
      key,
      value.replace(/\$\{POSTGRES_PASSWORD:-\w+\}/, () => given).replace(/^"(.*)"$/, '$1'),
    ]),
  )
  expect(env.PGPASSWORD).toBe(given)
  expect(read(env.PG_CONN, env)).toMatchObject({ user: 'engine', host: 'postgres', password: given })
  expect(compose.match(/POSTGRES_PASSWORD:-/g)).toHaveLength(2)
})

describe('a place is read', () => {
  test.each([
    ['postgres://u:p@h', { user: 'u', password: 'p', host: 'h', port: 5432, database: 'u' }],
    ['postgres://u@h/', { user: 'u', host: 'h', database: 'u' }],
    ['POSTGRES://u@H:1/db', { host: 'H', port: 1 }],
    ['postgresql://u@10.0.0.1:6432/db', { host: '10.0.0.1', port: 6432 }],
    ['postgres://u:p@[::1]:5433/db', { host: '::1', port: 5433, database: 'db', password: 'p' }],
    ['postgres://[2001:db8::7]/db?user=u', { host: '2001:db8::7', user: 'u' }],
    [
      'postgres://u:p@/db?host=/cloudsql/a:b:c',
      { host: '/cloudsql/a:b:c', user: 'u', password: 'p', database: 'db' },
    ],
    ['postgresql:///db?host=/run/postgresql&user=u', { host: '/run/postgresql', database: 'db', user: 'u' }],
    ['postgres:///db?host=%2Frun%2Fpostgresql', { host: '/run/postgresql', database: 'db' }],
    ['postgres://%2Frun%2Fpostgresql/db', { host: '/run/postgresql', database: 'db' }],
    [
      'postgres://u:p/w@%2Frun%2Fpostgresql:6432/db',
      { host: '/run/postgresql', port: 6432, password: 'p/w' },
    ],
    ['postgres://u@localhost/db?host=/run/postgresql', { host: '/run/postgresql', database: 'db' }],
    [
      'postgres:///?dbname=db&host=h&port=7&user=a@b&password=p+w',
      { database: 'db', host: 'h', port: 7, user: 'a@b', password: 'p+w' },
    ],
    ['postgres://name@server:pw@h.postgres.database.azure.com/db', { user: 'name@server', password: 'pw' }],
    ['postgres://u@h/my%20db', { database: 'my db' }],
    ['postgres://u@h/dät', { database: 'dät' }],
    ['postgres://u@db_1.internal_net/db', { host: 'db_1.internal_net' }],
    ['postgres://u@h/db?options=-c%20geqo%3Doff', { options: '-c geqo=off' }],
    ['postgres://u@h/db?options=-c+geqo%3Doff', { options: '-c geqo=off' }],
    [
      'postgres://u@h/db?options=endpoint%3Dep-1&sslmode=require&channel_binding=require',
      { options: 'endpoint=ep-1', ssl: {} },
    ],
    ['postgres://u@h/db?sslmode=disable', { ssl: false }],
    ['postgres://u@h/db?ssl=false', { ssl: false }],
    ['postgres://u@h/db?ssl=true', { ssl: true }],
    ['postgres://u@h/db?sslmode=verify-full&sslrootcert=system', { ssl: {} }],
    ['postgres://u@h/db?sslmode=no-verify', { ssl: { rejectUnauthorized: false } }],
  ])('from %s', (url, meant) => {
    expect(read(url)).toMatchObject(meant)
  })

  test('without what would undo the settings of our sessions', () => {
    const url =
      'postgres://u@h/db?statement_timeout=1&query_timeout=1&client_encoding=LATIN1&binary=true&replication=database'
    expect(readConfig({ PG_CONN: url, REDIS_URL }).PG_CONN).toBe('postgresql://u@h/db')
  })
})

describe('what cannot be read is a fault that says how, and repeats nothing', () => {
  test.each([
    ['postgres://u:hunter2@h1,h2/db', /PG_CONN must name one host/],
    ['postgres://u:hunter2@h1:5432,h2:5432/db', /PG_CONN must name one host/],
    ['postgres://u:hunter2@/db?host=h1,h2', /PG_CONN must name one host/],
    ['postgres://u:hunter2@::1/db', /PG_CONN must look like .* an IPv6 address in brackets/],
    ['postgres://u:hunter2@h:port/db', /PG_CONN must look like/],
    ['postgres://u:hunter2@h:70000/db', /PG_CONN must have a port from 1 to 65535/],
    ['postgres://u:hunter2@h:0/db', /PG_CONN must have a port/],
    ['postgres://u:hunter2%ff@h/db', /PG_CONN has an escape .* write a % itself as %25/],
    ['postgres://u:hunter2%00@h/db', /PG_CONN has an escape/],
    ['postgres://u:hunter2@h/db?sslmode=required', /PG_CONN must have an sslmode that is one of: disable/],
    ['jdbc:postgresql://h/db?password=hunter2', /PG_CONN must be a URL that begins with postgres/],
    ['host=h user=u password=hunter2', /PG_CONN must be a URL that begins with postgres/],
    ['postgres:u:hunter2@h/db', /PG_CONN must be a URL that begins with postgres/],
  ])('%s', (PG_CONN, said) => {
    const fault = faultOf(() => readConfig({ PG_CONN, REDIS_URL }))
    expect(fault).toMatch(said)
    expect(fault).not.toContain('hunter2')
  })
})

function faultOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  throw new Error('it was read')
}
