// The doctor of an embedded engine: faults of the folder, the port and the settings are planted, found and named. Its servers
// are test/cli/doctorServers.test.ts.
import { chownSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { killAll, launch, startEngine } from '../recovery/engineProcess.ts'
import { asNobody, canUnshare, NOBODY, withMounts } from '../recovery/namespaces.ts'
import { freePort } from '../recovery/servers.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { consult, faultsIn } from './doctors.ts'

const TEST_MS = 120_000

let folder: Awaited<ReturnType<typeof freshFolder>>
const settings = () => ({ DATA_DIR: folder.path, SIM_SPEED: 'instant' })

beforeEach(async () => {
  folder = await freshFolder()
})
afterEach(async () => {
  await killAll()
  folder.remove()
})

/** Every file, its size and when it was changed. */
function stateOf(path: string): readonly string[] {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' })
  return names.map((name) => {
    const { size, mtimeMs } = statSync(join(path, name))
    return `${name} ${size} ${mtimeMs}`
  })
}

describe('the doctor of an embedded engine', () => {
  test('finds nothing wrong with a folder that an engine can use, and changes nothing in it', async () => {
    const before = stateOf(folder.path)
    const checks = await consult(settings())
    expect(faultsIn(checks)).toEqual([])
    expect(checks.map(({ group, name }) => `${group}.${name}`)).toEqual([
      'machine.node',
      'settings.settings',
      'network.port',
      'data.folder',
      'data.owner',
      'data.lock',
      'data.disk',
      'chain.chain',
    ])
    expect(stateOf(folder.path)).toEqual(before)
  })

  test('makes no folder where there is none yet', async () => {
    const path = join(folder.path, 'not/yet')
    const checks = await consult({ DATA_DIR: path })
    expect(faultsIn(checks)).toEqual([])
    expect(checks.find(({ name }) => name === 'folder')?.found).toMatch(/will be made by the first start/)
    expect(readdirSync(folder.path)).not.toContain('not')
  })

  test(
    'says that an engine runs, by its lock and its port, and afterwards that its lock is stale',
    async () => {
      const port = `${await freePort()}`
      const engine = await startEngine({ ...settings(), PORT: port })
      const running = await consult({ ...settings(), PORT: port })
      expect(faultsIn(running)).toEqual([])
      expect(running.find(({ name }) => name === 'lock')?.found).toMatch(
        new RegExp(`^held by a running engine \\(pid ${engine.child.pid} `),
      )
      expect(running.find(({ name }) => name === 'port')?.found).toMatch(
        /^an engine runs on .* and is ready$/,
      )
      await engine.kill()
      const [stale, ...others] = faultsIn(await consult({ ...settings(), PORT: port }))
      expect(others).toEqual([])
      expect(stale).toMatch(
        new RegExp(`^data.lock warn: stale: its holder \\(pid ${engine.child.pid} .* -> start the engine`),
      )
    },
    TEST_MS,
  )

  test('names a port that another program has taken', async () => {
    const port = await freePort()
    const other = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'))
    await new Promise<void>((listening) => other.listen(port, '127.0.0.1', listening))
    try {
      expect(faultsIn(await consult({ ...settings(), PORT: `${port}` }))).toEqual([
        'network.port fail: The port is taken by another program -> set PORT to a free one',
      ])
    } finally {
      other.close()
    }
  })

  test.runIf(canUnshare)(
    'names a folder of another user, whether it can be used or not',
    async () => {
      chownSync(folder.database, NOBODY, NOBODY)
      expect(faultsIn(await consult(settings()))).toEqual([
        expect.stringMatching(
          /^data.owner warn: belongs to another user \(uid 65534\).* -> run .* as its owner/,
        ),
      ])
      const closed = mkdtempSync(join(tmpdir(), 'order-engine-closed-'))
      try {
        const faults = faultsIn(await consult({ DATA_DIR: closed }, { through: asNobody }))
        expect(faults).toContainEqual(
          expect.stringMatching(
            /^data.folder fail: DATA_DIR .* may not be used by this user \(uid 65534.* -> make/,
          ),
        )
      } finally {
        rmSync(closed, { recursive: true })
      }
    },
    TEST_MS,
  )

  test('names a path that is no folder, and a database of an older build', async () => {
    const file = join(folder.path, 'file')
    writeFileSync(file, '')
    const faults = await Promise.all([
      consult({ DATA_DIR: file }),
      consult({ DATA_DIR: join(file, 'below') }),
      consult({ DATA_DIR: folder.database }),
    ])
    expect(faults.flatMap(faultsIn)).toEqual([
      expect.stringMatching(/^data.folder fail: .* is not a folder -> set DATA_DIR/),
      expect.stringMatching(
        /^data.folder fail: .* lies below something that is not a folder -> set DATA_DIR/,
      ),
      expect.stringMatching(/^data.folder fail: .* as builds before 0.1.0 made it/),
    ])
  })

  test.runIf(canUnshare)(
    'names a disk that is nearly full, and one on which the engine would refuse orders',
    async () => {
      const small = mkdtempSync(join(tmpdir(), 'order-engine-small-'))
      const onDisk = async (mebibytes: number) => {
        const through = withMounts(`mount -t tmpfs -o size=${mebibytes}m none ${small}`)
        return faultsIn(await consult({ DATA_DIR: small }, { through }))
      }
      try {
        expect(await onDisk(500)).toEqual([
          expect.stringMatching(/^data.disk warn: 500 MiB free, which is little -> make room/),
        ])
        expect(await onDisk(20)).toEqual([
          expect.stringMatching(/^data.disk fail: 20 MiB free: .* -> make room/),
        ])
      } finally {
        rmSync(small, { recursive: true })
      }
    },
    TEST_MS,
  )

  test('names every setting that is wrong, and looks no further', async () => {
    const checks = await consult({ PORT: 'none', SIM_SPED: 'instant' })
    expect(faultsIn(checks)).toEqual([
      expect.stringMatching(
        /^settings.settings fail: SIM_SPED is not a setting.*; PORT must be .* -> correct it/,
      ),
    ])
    expect(checks.map(({ group }) => group)).toEqual(['machine', 'settings'])
  })

  test('is read by a person in groups, with the next step below each fault, and without colors in a file', async () => {
    const { code, stdout } = await launch({ PORT: 'none' }, ['doctor']).exited
    expect(code).toBe(2)
    expect(stdout.split('\n')).toEqual([
      'machine',
      `  pass  node      ${process.versions.node}`,
      'settings',
      '  FAIL  settings  PORT must be a whole number from 0 to 65535',
      expect.stringMatching(/^ +next: correct it in \.env or the environment/),
      '',
      '1 passed, 0 warnings, 1 fault',
      '',
    ])
  })
})

afterAll(killAll)
