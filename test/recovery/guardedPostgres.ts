// Owns a Postgres as one is run for others: it asks for passwords, speaks TLS, and has a Unix socket beside its port. And
// the PgBouncer in front of it.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Client } from 'pg'
import { describe, test } from 'vitest'
import { describeDistributed, type Services } from '../support/services.ts'
import { hasPostgres } from './servers.ts'

const FIND_INITDB = 'command -v initdb || ls /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1'
const hasPgBouncer = spawnSync('pgbouncer', ['--version']).status === 0
const hasOpenssl = spawnSync('openssl', ['version']).status === 0

/** As whom the servers run: neither of them does as root. */
const owner = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : null

function idOf(flag: '-u' | '-g'): number {
  return Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout)
}

/** A suite that starts such servers: where a program for it is missing it is skipped by name, or fails, as services.ts has it. */
export const describeGuarded = (name: string, fn: (services: Services) => void) =>
  describeWith(name, fn, { initdb: hasPostgres, openssl: hasOpenssl })

export const describePgBouncer = (name: string, fn: (services: Services) => void) =>
  describeWith(name, fn, { initdb: hasPostgres, openssl: hasOpenssl, pgbouncer: hasPgBouncer })

function describeWith(
  name: string,
  fn: (services: Services) => void,
  programs: Readonly<Record<string, boolean>>,
): void {
  const missing = Object.keys(programs).filter((program) => !programs[program])
  describeDistributed(name, (services) => {
    if (missing.length === 0) return fn(services)
    if (process.env.REQUIRE_SERVICES === '1') throw new Error(`"${name}" needs ${missing.join(', ')}`)
    describe.skip(`every test of this suite: needs ${missing.join(', ')}`, () => {
      test('nothing', () => {})
    })
  })
}

/** `guest` and, once there is one, `engine` need their password; `postgres` needs none; nobody else is let in. */
const RULES = `
local all postgres trust
host all postgres 127.0.0.1/32 trust
local all guest scram-sha-256
host all guest,engine 127.0.0.1/32 scram-sha-256
`

export type GuardedPostgres = Awaited<ReturnType<typeof startGuardedPostgres>>

export async function startGuardedPostgres(password: string) {
  const folder = mkdtempSync(join(tmpdir(), 'order-engine-guarded-'))
  const [data, sockets, port] = [join(folder, 'data'), join(folder, 'sockets'), await freePort()]
  mkdirSync(sockets)
  for (const path of [folder, sockets]) giveAway(path)
  const bin = dirname(spawnSync('bash', ['-c', FIND_INITDB], { encoding: 'utf8' }).stdout.trim())
  const run = (program: string, ...args: string[]) => {
    const { status, stderr } = spawnSync(join(bin, program), args, {
      ...owner,
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    if (status !== 0) throw new Error(`${program}: ${stderr}`)
  }
  run('initdb', '-D', data, '-U', 'postgres', '--auth', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync')
  writeFileSync(join(data, 'pg_hba.conf'), RULES)
  makeCertificates(folder)
  useCertificate('server')
  const options = `-c port=${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${sockets} -c ssl=on -c fsync=off`
  const log = join(folder, 'log')
  const ctl = (command: string, ...more: string[]) =>
    run('pg_ctl', command, '-D', data, '-l', log, '-s', '-w', ...more)
  ctl('start', '-o', options)
  const stopAtExit = () => ctl('stop', '-m', 'immediate')
  process.once('exit', stopAtExit)

  /** As the superuser; in the database `postgres` unless another is named. */
  async function admin(sql: string, database = 'postgres') {
    const client = new Client({ host: '127.0.0.1', port, user: 'postgres', database })
    await client.connect()
    try {
      return (await client.query(sql)).rows
    } finally {
      await client.end()
    }
  }

  function useCertificate(name: 'server' | 'expired'): void {
    for (const end of ['crt', 'key']) {
      const path = join(data, `server.${end}`)
      copyFileSync(join(folder, `${name}.${end}`), path)
      chmodSync(path, 0o600)
      giveAway(path)
    }
  }

  await admin(`create role guest login password ${quoted(password)}`)
  await admin('create database guests owner guest')
  return {
    folder,
    port,
    sockets,
    authority: join(folder, 'authority.crt'),
    admin,
    restart: () => ctl('restart', '-m', 'fast'),
    /** Down to a standby, which reads a log that nobody sends; or up again. */
    standBy(isStandby: boolean) {
      const path = join(data, 'standby.signal')
      if (isStandby) writeFileSync(path, '')
      else rmSync(path)
      ctl('restart', '-m', 'fast')
    },
    useCertificate(name: 'server' | 'expired') {
      useCertificate(name)
      return admin('select pg_reload_conf()')
    },
    stop() {
      process.off('exit', stopAtExit)
      stopAtExit()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

/** For the name `localhost` alone, from an authority of their own. */
function makeCertificates(folder: string): void {
  const openssl = (...args: string[]) => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(`openssl: ${stderr}`)
  }
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'authority.key',
    '-out',
    'authority.crt',
    '-subj',
    '/CN=authority',
    '-days',
    '2',
  )
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost')
  for (const [name, days] of [
    ['server', '2'],
    ['expired', '-1'],
  ] as const) {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', '/CN=localhost')
    const signed = ['-CA', 'authority.crt', '-CAkey', 'authority.key', '-CAcreateserial', '-extfile', 'names']
    openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-days', days, '-out', `${name}.crt`)
  }
}

export type PoolMode = 'session' | 'transaction' | 'statement'

/** In front of this Postgres, for `guest` and `postgres`, with what else is put into its settings. */
export async function startPgBouncer(
  server: GuardedPostgres,
  mode: PoolMode,
  settings: Readonly<Record<string, string | number>> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'order-engine-pgbouncer-'))
  const port = await freePort()
  const all = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: mode,
    default_pool_size: 40,
    max_client_conn: 200,
    server_login_retry: 1,
    ...settings,
  }
  const place = `host=127.0.0.1 port=${server.port} user=postgres`
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`)
  writeFileSync(join(folder, 'ini'), `[databases]\n* = ${place}\n[pgbouncer]\n${lines.join('\n')}\n`)
  for (const path of [folder, join(folder, 'ini')]) giveAway(path)
  const child = spawn('pgbouncer', [join(folder, 'ini')], { ...owner, stdio: ['ignore', 'ignore', 'pipe'] })
  for await (const text of child.stderr) if (String(text).includes('process up')) break
  child.stderr.resume()
  const killAtExit = () => child.kill('SIGKILL')
  process.once('exit', killAtExit)
  return {
    port,
    url: (database = 'guests') => `postgres://postgres@127.0.0.1:${port}/${database}`,
    async stop() {
      process.off('exit', killAtExit)
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function giveAway(path: string): void {
  if (owner !== null) chownSync(path, owner.uid, owner.gid)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
