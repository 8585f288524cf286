// An engine that cannot start says why in one sentence and leaves alone what is not its own.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshFolder } from '../embeddedFolder.ts'
import { place } from './client.ts'
import { killAll, launch, type RunningEngine, startEngine } from './engineProcess.ts'

const LOCK_MODULE = fileURLToPath(new URL('../../dist/store/folderLock.js', import.meta.url))
const CONTENDERS = 8
/** A process that has died: nobody has this pid. */
const DEAD_HOLDER = '4194304 1'
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

/** What a start that fails must look like: exit code 1 and one sentence. */
async function refusal(settings: Readonly<Record<string, string>>): Promise<string> {
  const { code, stderr } = await launch(settings).exited
  expect(code).toBe(1)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  return stderr
}

describe('an engine refuses to start', () => {
  test('on a folder that another engine uses, which goes on undisturbed', async () => {
    const said = await refusal({ DATA_DIR: folder.path })
    expect(said).toContain(`Another engine (pid ${engine.child.pid})`)
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

  test('on servers that are not there', async () => {
    const nowhere = { PG_CONN: 'postgres://nobody@127.0.0.1:1/none', REDIS_URL: 'redis://127.0.0.1:1' }
    expect(await refusal(nowhere)).toMatch(/cannot be reached/)
  })
})

test(
  'a folder whose engine was killed is taken over at once',
  async () => {
    await engine.kill()
    expect(existsSync(`${folder.path}.lock`)).toBe(true)
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

describe('of processes that reach for a folder at the same moment, one gets it', () => {
  test('when nobody had it before', async () => {
    expect(await winners(null)).toBe(1)
  })

  test('when its last holder has died', async () => {
    expect(await winners(DEAD_HOLDER)).toBe(1)
  })
})

async function winners(lastHolder: string | null): Promise<number> {
  const path = join(folder.path, 'contended')
  if (lastHolder !== null) writeFileSync(`${path}.lock`, lastHolder)
  // All wait for the same instant; who gets the folder holds it until it is told to end.
  const script = `
    const { lockFolder } = await import(${JSON.stringify(LOCK_MODULE)})
    while (Date.now() < ${Date.now() + 1_500});
    try { lockFolder(${JSON.stringify(path)}); process.stdout.write('held') } catch { process.stdout.write('refused') }
    process.stdin.resume()`
  const contenders = Array.from({ length: CONTENDERS }, () =>
    spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['pipe', 'pipe', 'ignore'] }),
  )
  const said = await Promise.all(
    contenders.map(
      ({ stdout }) => new Promise<string>((resolve) => stdout.once('data', (text) => resolve(`${text}`))),
    ),
  )
  for (const contender of contenders) contender.kill('SIGKILL')
  return said.filter((text) => text === 'held').length
}
