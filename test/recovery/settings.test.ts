// A setting that cannot be carried out ends the start with one sentence that names it, wherever it was written down.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { explainStartFault, named } from '../../src/cli/startup.ts'
import { readEnvFile } from '../../src/config/envFile.ts'
import { readConfig } from '../../src/config.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { killAll, launch } from './engineProcess.ts'

/** A user without rights. */
const NOBODY = 65_534
const LOW_PORT = 1
const START_MS = 60_000

let folder: Awaited<ReturnType<typeof freshFolder>>
let site: string

beforeAll(async () => {
  folder = await freshFolder()
  site = mkdtempSync(join(tmpdir(), 'order-engine-settings-'))
  // Who lets other machines in needs a key before anything else.
  const { code } = await launch({ DATA_DIR: folder.path }, ['keys', 'create', '--name', 'first']).exited
  expect(code).toBe(0)
}, START_MS)

afterAll(async () => {
  await killAll()
  folder.remove()
  rmSync(site, { recursive: true, force: true })
})

/** What this does as a user without rights, when root runs the tests. */
async function withoutRights<T>(act: () => Promise<T> | T): Promise<T> {
  if (process.geteuid?.() !== 0) return act()
  process.seteuid?.(NOBODY)
  try {
    return await act()
  } finally {
    process.seteuid?.(0)
  }
}

async function faultOf(act: () => unknown): Promise<string> {
  try {
    await act()
  } catch (error) {
    return explainStartFault(error as Error)
  }
  return 'no fault'
}

describe('HOST and PORT', () => {
  /** What is said of listening there: of the system's own faults, without an engine that takes seconds to come so far. */
  const listenOn = (host: string, port = 0) =>
    faultOf(() =>
      named(
        'HOST',
        () =>
          new Promise((resolve, reject) => {
            const server = createServer()
            server.once('error', reject).listen(port, host, () => server.close(resolve))
          }),
      ),
    )

  test(
    'an engine puts an address of another machine down to HOST',
    async () => {
      const settings = { DATA_DIR: folder.path, SIM_SPEED: 'instant', HOST: '203.0.113.1' }
      const { code, stderr } = await launch(settings).exited
      expect(code).toBe(1)
      expect(stderr).toMatch(/^HOST is not an address of this machine: .*\n$/)
    },
    START_MS,
  )

  test('so is a name that nobody knows, or an address of IPv6 that is not here', async () => {
    expect(await listenOn('no-such-host.invalid')).toMatch(/^HOST is a name that does not resolve/)
    expect(await listenOn('2001:db8::1')).toMatch(/^HOST is (not an|an IPv6) address/)
    expect(await listenOn('fe80::1')).toMatch(/^HOST (needs the network card|is an IPv6 address)/)
  })

  test('a port below 1024 that this user may not have is put down to PORT', async (context) => {
    const lowest = readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8')
    context.skip(Number(lowest) <= LOW_PORT, 'needs a system on which low ports take a right')
    const fault = await withoutRights(() => listenOn('127.0.0.1', LOW_PORT))
    expect(fault).toBe('This user may not listen on a port this low: set PORT to 1024 or more.')
  })

  test.each(['http://0.0.0.0', '0.0.0.0:3000', 'localhost:3000'])('HOST=%s is refused', async (HOST) => {
    expect(await faultOf(() => readConfig({ HOST }))).toMatch(
      /^Configuration: HOST must be an address or a name/,
    )
  })
})

describe('.env', () => {
  /** What the program says, started where this file is. */
  async function saidOf(name: string, make: (path: string) => void): Promise<string> {
    const cwd = join(site, name)
    mkdirSync(cwd)
    make(join(cwd, '.env'))
    const { code, stdout, stderr } = await launch({ PORT: '' }, [], { cwd }).exited
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    return stderr
  }

  test('is read in UTF-8 with a byte order mark, and in UTF-16', async () => {
    const path = join(site, 'encoded')
    const bigEndian = Buffer.from('\uFEFFPORT=3001', 'utf16le').swap16()
    const littleEndian = Buffer.from('\uFEFFPORT=3001\r\n', 'utf16le')
    for (const bytes of ['\uFEFFPORT=3001\r\n', littleEndian, bigEndian]) {
      writeFileSync(path, bytes)
      expect(readConfig({}, readEnvFile(path))).toMatchObject({ PORT: 3001 })
    }
  })

  test('that is a link to nothing or no text is refused', async () => {
    const path = join(site, 'faulty')
    for (const [bytes, said] of [
      [Buffer.from('PGPASSWORD=ü', 'latin1'), /is not text in UTF-8/],
      [Buffer.from('PORT=1\0'), /is not text in UTF-8/],
    ] as const) {
      writeFileSync(path, bytes)
      expect(await faultOf(() => readEnvFile(path))).toMatch(said)
    }
    const link = join(site, 'link')
    symlinkSync('gone', link)
    expect(await faultOf(() => readEnvFile(link))).toMatch(/is a link to a file that does not exist/)
    expect(readEnvFile(join(site, 'absent'))).toBeNull()
  })

  test('that may not be read is refused', async () => {
    const path = join(site, 'closed')
    writeFileSync(path, 'PORT=1')
    chmodSync(site, 0o755)
    chmodSync(path, 0o000)
    expect(await withoutRights(() => faultOf(() => readEnvFile(path)))).toMatch(/may not be read by the user/)
  })

  test(
    'that is a folder is refused',
    async () => {
      expect(await saidOf('folder', (path) => mkdirSync(path))).toMatch(
        /^Configuration: .env is a folder: remove it/,
      )
    },
    START_MS,
  )

  test(
    'with a line that means nothing names the line',
    async () => {
      const said = await saidOf('yaml', (path) => writeFileSync(path, '# mine\nPORT: 3000\n'))
      expect(said).toBe('Configuration: line 2 of .env is not KEY=value.\n')
    },
    START_MS,
  )
})
