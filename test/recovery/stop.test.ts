// An engine that is told to stop does so in time, tells its sockets, and nothing is lost by it.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freshFolder } from '../support/embeddedFolder.ts'
import { badDay, conclude, loadOf, nothingAmiss } from './crashes.ts'
import { killAll, launch, startEngine } from './engineProcess.ts'
import { CLOSED } from './facts.ts'
import { follow } from './sockets.ts'

const STOP_MS = 10_000
const SOCKETS = 20

let folder: Awaited<ReturnType<typeof freshFolder>>
let settings: Readonly<Record<string, string>>

beforeEach(async () => {
  folder = await freshFolder()
  // Landing takes a second, so that orders are caught in the middle.
  settings = { ...badDay, SIM_LANDING_SLOTS: '15-20', SIM_BLOCKHASH_BLOCKS: '60', DATA_DIR: folder.path }
})

afterEach(async () => {
  await killAll()
  folder.remove()
})

test('SIGTERM under load: exit 0 in time, sockets see 1001, and hear the rest when they come back', async () => {
  let engine = await startEngine(settings)
  const load = loadOf('stopped', () => engine.url)
  await expect.poll(() => load.acknowledged.size, { timeout: 30_000 }).toBeGreaterThan(2 * SOCKETS)
  const ids = [...load.acknowledged.values()].slice(-SOCKETS)
  const following = ids.map((id) => follow(engine.url, id, 0))
  await Promise.all(following.map(({ opened }) => opened))

  const toldAt = Date.now()
  engine.child.kill('SIGTERM')
  const first = await Promise.all(following.map(({ closed }) => closed))
  const { code } = await engine.exited
  expect(code).toBe(0)
  expect(Date.now() - toldAt).toBeLessThan(STOP_MS)
  // Some of these orders were canceled or could not be done, and have ended already.
  const open = first.filter(({ events }) => !CLOSED.includes(events.at(-1)?.status ?? ''))
  expect(open.length).toBeGreaterThan(0)
  expect(new Set(open.map((followed) => followed.code))).toEqual(new Set([1001]))

  engine = await startEngine(settings)
  const rest = await Promise.all(
    ids.map((id, i) => follow(engine.url, id, first[i]?.events.at(-1)?.seq ?? 0).closed),
  )
  rest.forEach(({ code, events }, i) => {
    const heard = [...(first[i]?.events ?? []), ...events].map(({ seq }) => seq)
    expect({ code, heard }).toEqual({ code: 1000, heard: heard.map((_, place) => place + 1) })
  })
  expect(await conclude(engine.url, load)).toMatchObject(nothingAmiss)
}, 60_000)

test('SIGTERM while it starts ends it, and the next start works', async () => {
  const starting = launch(settings)
  // The folder is locked before anything else is opened.
  await expect.poll(() => existsSync(join(folder.path, 'engine.lock')), { timeout: 20_000 }).toBe(true)
  starting.child.kill('SIGTERM')
  await starting.exited
  await startEngine(settings)
}, 60_000)
