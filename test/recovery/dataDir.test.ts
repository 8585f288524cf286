// DATA_DIR as people have it: mounts, links, other owners, little room. It works, or one sentence names it and the cure.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lockFolder } from '../../src/store/embedded/folderLock.ts'
import { markOf, viewOf } from '../../src/store/embedded/folderMark.ts'
import { getOrder, place } from '../support/client.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { manualClock } from '../support/manualClock.ts'
import { killAll, launch, type Settings, startEngine } from './engineProcess.ts'
import { asContainer, asNobody, canUnshare, NOBODY, type Through, withMounts } from './namespaces.ts'

const TEST_MS = 180_000
const DISK_BYTES = 400 * 2 ** 20

/** Holds every folder of this file. Other users have to get through it. */
let root: string

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'order-engine-'))
  chmodSync(root, 0o755)
})

afterAll(async () => {
  await killAll()
  rmSync(root, { recursive: true, force: true })
})

const folderNamed = (name: string): string => {
  const path = join(root, name)
  mkdirSync(path)
  return path
}

/** Starts on a folder in which there is no database yet, and again on what the first start has made. */
async function expectToWork(path: string, through: Through = []): Promise<void> {
  const settings = { DATA_DIR: path, SIM_SPEED: 'instant' }
  const first = await startEngine(settings, { through })
  const { orderId } = await place(first.url)
  await first.kill()
  const second = await startEngine(settings, { through })
  expect(await getOrder(second.url, orderId)).toMatchObject({ orderId })
  await second.kill()
}

/** What a start must look like that fails because of the folder: one sentence that names it and says what to do. */
async function expectRefusal(
  path: string,
  said: RegExp,
  through: Through = [],
  more: Settings = {},
): Promise<void> {
  const { code, stderr } = await launch({ DATA_DIR: path, ...more }, [], { through }).exited
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(said) })
  expect(stderr).toMatch(/^[^\n]*: [^\n]*\.\n$/)
  expect(stderr).toContain(`DATA_DIR (${path})`)
}

describe('an engine works', () => {
  test(
    'through links, at a long path with blanks and Japanese in it, beside what is not its own',
    async () => {
      const long = join(root, ...Array.from({ length: 12 }, (_, i) => `${i} データ ${'x'.repeat(60)}`))
      mkdirSync(join(long, 'lost+found'), { recursive: true })
      mkdirSync(join(long, 'database.unfinished-of-a-start-that-died/base'), { recursive: true })
      writeFileSync(join(long, '.gitkeep'), '')
      const links = folderNamed('links')
      symlinkSync(long, join(links, 'absolute'))
      symlinkSync('absolute', join(links, 'relative'))
      await expectToWork(join(links, 'relative'))
      expect(readdirSync(long).toSorted()).toEqual(['.gitkeep', 'database', 'engine.lock', 'lost+found'])
      expect(readdirSync(links).toSorted()).toEqual(['absolute', 'relative'])
    },
    TEST_MS,
  )

  test.runIf(canUnshare)(
    'in a container: another user, process 1, a root that is read-only, and a volume for DATA_DIR',
    async () => {
      const volume = folderNamed('volume')
      chownSync(volume, NOBODY, NOBODY)
      await expectToWork('/srv', asContainer(volume, folderNamed('container')))
      expect(readdirSync(volume).toSorted()).toEqual(['database', 'engine.lock'])
    },
    TEST_MS,
  )

  test.runIf(canUnshare)(
    'as a user who owns the folder, but not what it lies in, on a file system of its own',
    async () => {
      const path = folderNamed('mount')
      const disk = join(root, 'disk')
      writeFileSync(disk, '')
      truncateSync(disk, DISK_BYTES)
      expect(spawnSync('mkfs.ext4', ['-q', disk])).toMatchObject({ status: 0 })
      const mounted = withMounts(`mount -o loop ${disk} ${path}; chown ${NOBODY} ${path}`)
      await expectToWork(path, [...mounted, ...asNobody])
    },
    TEST_MS,
  )
})

describe('an engine refuses', () => {
  test(
    'what is no folder, or none to make a database in',
    async () => {
      const folder = await freshFolder()
      writeFileSync(join(root, 'file'), '')
      for (const name of ['dangling', 'loop']) symlinkSync(name === 'loop' ? name : 'none', join(root, name))
      mkdirSync(join(folderNamed('foreign'), 'database/of-somebody'), { recursive: true })
      writeFileSync(join(folderNamed('file-in-place'), 'database'), '')
      cpSync(folder.database, join(root, 'older'), { recursive: true })
      cpSync(folder.path, join(root, 'broken'), { recursive: true })
      rmSync(join(root, 'broken/database/pg_wal'), { recursive: true })
      folder.remove()
      await Promise.all([
        expectRefusal(join(root, 'file'), /is not a folder/),
        expectRefusal(join(root, 'file/below'), /lies below something that is not a folder/),
        expectRefusal(join(root, 'dangling'), /link that leads nowhere/),
        expectRefusal(join(root, 'loop'), /link that leads to itself/),
        expectRefusal(join(root, 'x'.repeat(300)), /path that is too long/),
        expectRefusal(join(root, 'foreign'), /neither an empty folder nor a database/),
        expectRefusal(join(root, 'file-in-place'), /neither an empty folder nor a database/),
        expectRefusal(
          join(root, 'older'),
          /as builds before 0.1.0 made it, .*: set DATA_DIR to another folder/,
        ),
        expectRefusal(join(root, 'broken'), /cannot be opened .*: put a backup in its place/),
      ])
      expect(readdirSync(join(root, 'older'))).not.toContain('engine.lock')
    },
    TEST_MS,
  )

  test(
    'where files cannot be locked, or everybody is given the lock',
    async () => {
      const preload = (code: string) => ({ NODE_OPTIONS: `--import=data:text/javascript,${code}` })
      const elsewhere = preload(`Object.defineProperty(process,'arch',{value:'sparc'})`)
      const locks = `createRequire('${import.meta.filename}')('fs-native-extensions')`
      const careless = preload(`import{createRequire}from'node:module';${locks}.tryLock=()=>true`)
      await Promise.all([
        expectRefusal(folderNamed('no-binary'), /no binary for this platform: use Linux/, [], elsewhere),
        expectRefusal(folderNamed('no-locks'), /does not lock files, so a second engine/, [], careless),
      ])
    },
    TEST_MS,
  )

  test.runIf(canUnshare)(
    'what it may not write, and a disk without room',
    async () => {
      const folder = await freshFolder()
      const restored = join(root, 'restored')
      cpSync(folder.path, restored, { recursive: true })
      folder.remove()
      // As when root puts a backup back.
      chownSync(restored, NOBODY, NOBODY)
      const [readOnly, small, inner] = [folderNamed('read-only'), folderNamed('small'), folderNamed('inner')]
      mkdirSync(join(inner, 'database'))
      const mayNot = /may not be used by this user \(uid 65534.*: make that user its owner/
      await Promise.all([
        expectRefusal(folderNamed('of-root'), mayNot, asNobody),
        expectRefusal(join(root, 'missing'), mayNot, asNobody),
        expectRefusal(restored, mayNot, asNobody),
        expectRefusal(readOnly, /read-only: mount/, withMounts(`mount -t tmpfs -o ro none ${readOnly}`)),
        expectRefusal(small, /no room left/, withMounts(`mount -t tmpfs -o size=9m none ${small}`)),
        expectRefusal(inner, /mount DATA_DIR itself/, withMounts(`mount -t tmpfs none ${inner}/database`)),
      ])
    },
    TEST_MS,
  )
})

describe('a folder that is locked', () => {
  /** What becomes of it, and whether DATA_DIR still leads to what is locked. */
  const fates: readonly (readonly [fate: string, (path: string, link: string) => void, isLost: boolean])[] = [
    ['is left alone', () => {}, false],
    ['gets other files', (path) => writeFileSync(join(path, '.DS_Store'), ''), false],
    ['loses its lock file', (path) => rmSync(join(path, 'engine.lock')), false],
    ['is removed', (path) => rmSync(path, { recursive: true }), true],
    ['is emptied', (path) => rmSync(join(path, 'database'), { recursive: true }), true],
    ['is renamed', (path) => renameSync(path, `${path}-away`), true],
    ['is replaced by a copy', (path) => replaceByCopy(path), true],
    ['is replaced by one that another engine uses', (path) => replaceByUsed(path), true],
    ['has its database replaced by a copy', (path) => replaceByCopy(join(path, 'database')), true],
    ['is no longer where a link leads', (_, link) => relink(link, root), true],
  ]

  test.each(fates)('and %s', async (fate, befall, isLost) => {
    const path = folderNamed(fate)
    mkdirSync(join(path, 'database'))
    writeFileSync(join(path, 'database/PG_VERSION'), '18')
    const link = `${path}-link`
    symlinkSync(path, link)
    const clock = manualClock()
    const faults: Error[] = []
    const deps = {
      clock,
      id: 'this one',
      onWait: () => {},
      onLost: (fault: Error) => void faults.push(fault),
    }
    const locked = await lockFolder(link, deps)
    befall(path, link)
    clock.advance(1_000)
    // The fault is told of in a microtask.
    await Promise.resolve()
    const message = expect.stringContaining('removed, renamed or replaced')
    expect(faults).toMatchObject(isLost ? [{ code: 'FOLDER_LOST', message }] : [])
    locked.release()
  })

  function replaceByCopy(path: string): void {
    renameSync(path, `${path}-away`)
    cpSync(`${path}-away`, path, { recursive: true })
  }

  function replaceByUsed(path: string): void {
    replaceByCopy(path)
    writeFileSync(join(path, 'engine.lock'), markOf('another', viewOf(path), 1))
  }

  function relink(link: string, to: string): void {
    rmSync(link)
    symlinkSync(to, link)
  }

  test(
    'and replaced under a running engine ends that engine, with one sentence',
    async () => {
      const [folder, other] = [await freshFolder(), await freshFolder()]
      const engine = await startEngine({ DATA_DIR: folder.path, SIM_SPEED: 'instant' })
      renameSync(folder.path, `${folder.path}-away`)
      renameSync(other.path, folder.path)
      const next = await startEngine({ DATA_DIR: folder.path, SIM_SPEED: 'instant' })
      const { code, stderr } = await engine.exited
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: `DATA_DIR (${folder.path}) was removed, renamed or replaced under this engine, which has ended: put the folder back and start again.\n`,
      })
      await next.kill()
      folder.remove()
      other.remove()
    },
    TEST_MS,
  )
})
