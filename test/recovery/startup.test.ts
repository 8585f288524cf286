// An engine that cannot start says why in one sentence and leaves alone what is not its own.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { markOf, viewOf } from '../../src/store/embedded/folderMark.ts'
import { openPglite } from '../../src/store/embedded/pglite.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { place } from './client.ts'
import { killAll, launch, type RunningEngine, startEngine } from './engineProcess.ts'

const LOCK_MODULE = fileURLToPath(new URL('../../dist/store/embedded/folderLock.js', import.meta.url))
const CONTENDERS = 6
const ROUNDS = 8
const ROUND_MS = 60
const DEAD_HOLDER = 'a holder that has died'
const START_MS = 60_000
const FIRST_START_MS = 90_000

type Folder = Awaited<ReturnType<typeof freshFolder>>

let folder: Folder
let other: Folder
let engine: RunningEngine

/** One engine runs throughout, for the others to collide with. */
beforeAll(async () => {
  folder = await freshFolder()
  other = await freshFolder()
  engine = await startEngine({ DATA_DIR: folder.path, SIM_SPEED: 'instant' })
}, START_MS)

afterAll(async () => {
  await killAll()
  folder.remove()
  other.remove()
})

/** What a start that fails must look like: exit code 1 and one sentence, or one more that says what it waits for. */
async function refusal(settings: Readonly<Record<string, string>>, lines = 1): Promise<string> {
  const { code, stderr } = await launch(settings).exited
  expect(code).toBe(1)
  expect(stderr.trimEnd().split('\n')).toHaveLength(lines)
  return stderr
}

describe('an engine refuses to start', () => {
  test('on a folder that another engine uses, which goes on undisturbed', async () => {
    const said = await refusal({ DATA_DIR: folder.path }, 2)
    const uses = `Another engine (pid ${engine.child.pid} on ${hostname()}) is using ${folder.path}`
    expect(said).toBe(
      `${uses}: waiting up to 5 s for it to end.\n${uses}: stop it, or set DATA_DIR to another folder.\n`,
    )
    expect(await place(engine.url, 'after-the-refusal', 1)).toMatchObject({ status: 201 })
  })

  test('on a port that another program uses', async () => {
    const said = await refusal({ DATA_DIR: other.path, PORT: new URL(engine.url).port })
    expect(said).toMatch(/^The port is taken/)
  })

  test('with a setting that it does not know, and names every one', async () => {
    const said = await refusal({
      DATA_DIR: folder.path,
      SIM_SLOTMS: '50',
      SIM_SEEDS: '1',
      MAX_ATTEMPTS: 'many',
    })
    for (const key of ['SIM_SLOTMS', 'SIM_SEEDS', 'MAX_ATTEMPTS']) expect(said).toContain(key)
  })

  test('on a database that a newer engine has written, and leaves it as it is', async () => {
    const newer = await freshFolder()
    const sql = await openPglite(newer.database)
    await sql.script('insert into schema_version values (999)')
    await sql.close()
    expect(await refusal({ DATA_DIR: newer.path })).toMatch(/schema 999, newer than this engine's/)
    newer.remove()
  })

  test.each([1, 6])(
    'on a database of a build before 0.1.0 (schema %i), and leaves it as it is',
    async (old) => {
      const older = await freshFolder()
      const sql = await openPglite(older.database)
      await sql.script(`update schema_version set version = ${old}`)
      await sql.close()
      const said = await refusal({ DATA_DIR: older.path })
      expect(said).toMatch(
        new RegExp(`schema ${old}, of a build before 0.1.0: use another DATA_DIR or database`),
      )
      const after = await openPglite(older.database)
      expect(await after.query('select distinct version from schema_version')).toEqual([{ version: old }])
      await after.close()
      older.remove()
    },
  )

  test('on servers that are not there', async () => {
    const nowhere = { PG_CONN: 'postgres://nobody@127.0.0.1:1/none', REDIS_URL: 'redis://127.0.0.1:1' }
    expect(await refusal(nowhere)).toMatch(/cannot be reached/)
  })
})

test(
  'a folder whose engine was killed is taken over at once',
  async () => {
    await engine.kill()
    expect(existsSync(join(folder.path, 'engine.lock'))).toBe(true)
    engine = await startEngine({ DATA_DIR: folder.path, SIM_SPEED: 'instant' })
  },
  START_MS,
)

test(
  'a folder whose engine was killed as Postgres made its lock file can be started',
  async () => {
    await engine.kill()
    writeFileSync(join(folder.database, 'postmaster.pid'), '')
    engine = await startEngine({ DATA_DIR: folder.path, SIM_SPEED: 'instant' })
  },
  START_MS,
)

test(
  'a folder whose engine was killed in its first start can be started',
  async () => {
    const parent = mkdtempSync(join(tmpdir(), 'order-engine-'))
    try {
      const settings = { DATA_DIR: join(parent, 'data'), SIM_SPEED: 'instant' }
      const first = launch(settings)
      while (!existsSync(settings.DATA_DIR)) await sleep(5)
      await sleep(Math.random() * 500)
      await first.kill()
      const { url } = await startEngine(settings)
      expect(await place(url, 'first', 1)).toMatchObject({ status: 201 })
    } finally {
      await killAll()
      rmSync(parent, { recursive: true, force: true })
    }
  },
  FIRST_START_MS,
)

describe('of processes that reach for a folder at the same moment, exactly one gets it', () => {
  test('when nobody had it before', async () => {
    expect(await winners(null)).toEqual(Array.from({ length: ROUNDS }, () => 1))
  })

  test('when its last holder has died', async () => {
    expect(await winners(DEAD_HOLDER)).toEqual(Array.from({ length: ROUNDS }, () => 1))
  })
})

/** How many processes got each folder. All reach for one folder after the other, at instants they have agreed on. */
async function winners(lastHolder: string | null): Promise<number[]> {
  const parent = mkdtempSync(join(tmpdir(), 'order-engine-'))
  const paths = Array.from({ length: ROUNDS }, (_, round) => join(parent, `contended-${round}`))
  if (lastHolder !== null) {
    for (const path of paths) {
      mkdirSync(path)
      writeFileSync(join(path, 'engine.lock'), markOf(lastHolder, viewOf(path), 1))
    }
  }
  // Their patience is over at once: the clock that they wait by runs ahead.
  const script = `
    const { lockFolder } = await import(${JSON.stringify(LOCK_MODULE)})
    const clock = { after: (ms, fn) => { if (ms < 1_000) setImmediate(fn); return () => {} } }
    const deps = { clock, id: String(process.pid), onWait() {}, onLost() {} }
    process.stdout.write('ready\\n')
    process.stdin.once('data', async (text) => {
      const got = []
      for (const [round, path] of ${JSON.stringify(paths)}.entries()) {
        while (Date.now() < Number(text) + round * ${ROUND_MS});
        got.push(await lockFolder(path, deps).then(() => 1, (error) => error.code === 'FOLDER_LOCKED' ? 0 : String(error)))
      }
      process.stdout.write(JSON.stringify(got) + '\\n')
    })`
  const contenders = Array.from({ length: CONTENDERS }, () => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() }
  })
  for (const { lines } of contenders) await lines.next()
  for (const { child } of contenders) child.stdin.write(String(Date.now() + ROUND_MS))
  const got = await Promise.all(contenders.map(async ({ lines }) => JSON.parse((await lines.next()).value)))
  for (const { child } of contenders) child.kill('SIGKILL')
  rmSync(parent, { recursive: true, force: true })
  return paths.map((_, round) => got.reduce((sum, rounds) => sum + rounds[round], 0))
}
