// Two engines are never ready on one DATA_DIR, wherever each of them runs and however it got there; and a dead one is in
// nobody's way.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { getOrder, place } from '../support/client.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { killAll, launch, type Settings, startEngine } from './engineProcess.ts'
import {
  canUnshare,
  ownAllButNetwork,
  ownNetwork,
  ownPids,
  ownUsers,
  type Through,
  withMounts,
} from './namespaces.ts'

const TEST_MS = 180_000
const POLL_MS = 5
const IN_1970 = '--import=data:text/javascript,Date.now=()=>0'
const LOCKED =
  /^Another engine (\(pid \d+ on [\w.-]+\) )?is using [^\n]+: stop it, or set DATA_DIR to another/m

let folder: Awaited<ReturnType<typeof freshFolder>>
let settings: Settings

beforeEach(async () => {
  folder = await freshFolder()
  settings = { DATA_DIR: folder.path, SIM_SPEED: 'instant' }
})

afterEach(async () => {
  await killAll()
  folder.remove()
})

/** Starts one that must find the folder taken. */
async function expectLockedOut(more: Settings = {}, through: Through = [], args: readonly string[] = []) {
  const { code, stderr } = await launch({ ...settings, ...more }, args, { through }).exited
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(LOCKED) })
}

test(
  'an engine that stands still, and whose lock file was deleted, keeps its folder and goes on',
  async () => {
    const engine = await startEngine(settings)
    rmSync(join(folder.path, 'engine.lock'))
    engine.child.kill('SIGSTOP')
    await expectLockedOut()
    engine.child.kill('SIGCONT')
    await place(engine.url)
  },
  TEST_MS,
)

test(
  'an engine whose lock file is deleted while it makes its database gives way to the next',
  async () => {
    rmSync(folder.path, { recursive: true })
    const first = launch(settings)
    await expect.poll(() => isMaking(folder.path), { timeout: TEST_MS, interval: POLL_MS }).toBe(true)
    rmSync(join(folder.path, 'engine.lock'))
    const next = await startEngine(settings)
    // That its database is not the one in the folder, or that the mark is another's: whichever it sees first.
    const gaveWay = expect.stringMatching(/^(DATA_DIR|Another engine) .* ended/)
    expect(await first.exited).toMatchObject({ code: 1, stderr: gaveWay })
    await place(next.url)
    expect(readdirSync(folder.path).toSorted()).toEqual(['database', 'engine.lock'])
  },
  TEST_MS,
)

const isMaking = (path: string) =>
  existsSync(path) && readdirSync(path).some((name) => name.startsWith('database.unfinished'))

test.runIf(existsSync('/proc/self/stat'))(
  'an engine that is dead, but that its parent has not noticed, keeps nobody out',
  async () => {
    const heedless = ['sh', '-c', '"$@" & exec sleep 1000', 'sh']
    const engine = await startEngine({ ...settings, LOG_LEVEL: 'info' }, { through: heedless })
    const { orderId } = await place(engine.url)
    const pid = Number(/"pid":(\d+)/.exec(engine.output())?.[1])
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) Z /)
    const next = await startEngine(settings)
    expect(await getOrder(next.url, orderId)).toMatchObject({ orderId })
    // It did not even have to wait.
    expect(next.output()).not.toContain('Another engine')
  },
  TEST_MS,
)

test(
  'a start waits for an engine that is about to end, and says so',
  async () => {
    const engine = await startEngine(settings)
    const { orderId } = await place(engine.url)
    engine.child.kill('SIGSTOP')
    const next = launch(settings)
    const waits = new RegExp(
      `^Another engine .* is using ${folder.path}: waiting up to 5 s for it to end\\.$`,
      'm',
    )
    await expect.poll(next.output, { timeout: TEST_MS }).toMatch(waits)
    await engine.kill()
    const urlIn = () => /http:\/\/[\d.]+:\d+/.exec(next.output())?.[0] ?? ''
    await expect.poll(urlIn, { timeout: TEST_MS }).not.toBe('')
    const url = urlIn()
    expect(await getOrder(url, orderId)).toMatchObject({ orderId })
  },
  TEST_MS,
)

describe.runIf(canUnshare)('in namespaces, as containers are', () => {
  test(
    'an engine keeps out every other, and loses no order to it',
    async () => {
      const engine = await startEngine(settings, { through: ownPids })
      const { orderId } = await place(engine.url)
      const link = join(folder.path, '../link')
      const mount = join(folder.path, '../mount')
      symlinkSync('data', link)
      mkdirSync(mount)
      const bind = withMounts(`mount --bind ${folder.path} ${mount}`)
      await Promise.all([
        expectLockedOut({}, ownPids),
        expectLockedOut({}, ownNetwork),
        expectLockedOut({}, ownUsers),
        expectLockedOut({ DATA_DIR: link }, ownAllButNetwork),
        expectLockedOut({ DATA_DIR: mount }, bind),
        expectLockedOut({ DATA_DIR: mount }, [...ownPids, ...bind]),
        expectLockedOut({ NODE_OPTIONS: IN_1970 }, ownPids),
        expectLockedOut({}, [], ['keys', 'list']),
      ])
      const { orderId: later } = await place(engine.url)
      await engine.kill()
      const next = await startEngine({ ...settings, DATA_DIR: mount }, { through: [...ownPids, ...bind] })
      for (const id of [orderId, later]) {
        expect(await getOrder(next.url, id)).toMatchObject({ orderId: id })
      }
    },
    TEST_MS,
  )

  test(
    'of engines that start at the same moment on an empty folder, one is ready',
    async () => {
      rmSync(folder.path, { recursive: true })
      mkdirSync(folder.path)
      const link = join(folder.path, '../link')
      symlinkSync('data', link)
      const engines = [ownPids, ownAllButNetwork, ownUsers].map((through, i) =>
        launch({ ...settings, DATA_DIR: i === 0 ? link : folder.path }, [], { through }),
      )
      const rest = new Set(engines)
      for (const engine of engines) engine.exited.then(() => rest.delete(engine))
      await expect.poll(() => rest.size, { timeout: TEST_MS }).toBe(1)
      const [last] = rest
      await expect.poll(() => last?.output(), { timeout: TEST_MS }).toMatch(/Place a first order/)
      const [url = ''] = /http:\/\/[\d.]+:\d+/.exec(last?.output() ?? '') ?? []
      await place(url)
    },
    TEST_MS,
  )

  test(
    'by two mounts that do not share their locks, only one engine goes on',
    async () => {
      const disk = join(folder.path, '../disk')
      mkdirSync(disk)
      // An overlay, and the folder that it writes to: as a container and the host see it, or two machines a shared folder.
      const layers = `cd ${disk}; mkdir lower upper work merged; cp -a ${folder.path} upper/data`
      const overlay = 'mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay merged'
      const mounts = `mount -t tmpfs -o size=400m none ${disk}; ${layers}; ${overlay}`
      const [unshare = '', ...args] = [...withMounts(mounts), 'sh', '-c', 'echo mounted; exec sleep 1000']
      const keeper = spawn(unshare, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      try {
        await once(keeper.stdout, 'data')
        const inside = ['nsenter', '--mount', `--target=${keeper.pid}`]
        const merged = { ...settings, DATA_DIR: `${disk}/merged/data` }
        const upper = { ...settings, DATA_DIR: `${disk}/upper/data` }

        const first = await startEngine(merged, { through: inside })
        const { orderId } = await place(first.url)
        await expectLockedOut(upper, inside)
        first.child.kill('SIGSTOP')
        const second = await startEngine(upper, { through: inside })
        expect(await getOrder(second.url, orderId)).toMatchObject({ orderId })
        first.child.kill('SIGCONT')
        expect(await first.exited).toMatchObject({
          code: 1,
          stderr: expect.stringMatching(/^Another engine \(pid \d+ on .*, and this one, .* has ended: .*\n$/),
        })
        await place(second.url)
      } finally {
        await killAll()
        keeper.kill('SIGKILL')
      }
    },
    TEST_MS,
  )
})
