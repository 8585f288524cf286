// The embedded database: what it answers is not kept, and an engine does not outlive it.
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openPglite } from '../../src/store/embedded/pglite.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { place } from './client.ts'
import { killAll, startEngine } from './engineProcess.ts'

const MORTAL_DATABASE = new URL('mortalDatabase.mjs', import.meta.url).href
const MEBIBYTE = 2 ** 20
const ANSWER_MIB = 4
const ANSWERS = 150
const WRITTEN_MIB = 200
const WAL_SEGMENT_MIB = 16

test('the memory of a process does not grow with what its database has answered', async () => {
  const folder = await freshFolder()
  const sql = await openPglite(folder.database)
  const ask = async (times: number) => {
    for (let i = 0; i < times; i += 1) {
      const rows = await sql.query(
        "select repeat('x', 1024) as text from generate_series(1, $1::int) as n where n > 0",
        [ANSWER_MIB * 1_024],
      )
      expect(rows).toHaveLength(ANSWER_MIB * 1_024)
    }
    return process.memoryUsage().rss / MEBIBYTE
  }
  const before = await ask(ANSWERS / 5)
  const grown = (await ask(ANSWERS)) - before
  await sql.close()
  folder.remove()
  expect(grown).toBeLessThan((ANSWERS * ANSWER_MIB) / 3)
}, 60_000)

test('the write-ahead log of the embedded database does not grow with what was written', async () => {
  const folder = await freshFolder()
  const sql = await openPglite(folder.database)
  // As it is: compressing it is most of the work, and leaves less to be written.
  await sql.script('create table written (text text storage external)')
  const text = randomBytes(MEBIBYTE).toString('hex')
  for (let i = 0; i < WRITTEN_MIB / 2; i += 1) await sql.query('insert into written values ($1)', [text])
  await sql.close()
  const segments = readdirSync(join(folder.database, 'pg_wal')).filter((name) => /^[0-9A-F]{24}$/.test(name))
  folder.remove()
  expect(segments.length * WAL_SEGMENT_MIB).toBeLessThan(WRITTEN_MIB / 2)
}, 60_000)

test.each(['silently', 'with an error'])(
  'an engine whose database has ended %s ends and says so; the next start goes on',
  async (how) => {
    const folder = await freshFolder()
    const settings = { DATA_DIR: folder.path, SIM_SPEED: 'instant' }
    try {
      const mortal = { NODE_OPTIONS: `--import ${MORTAL_DATABASE}`, DATABASE_ENDS: how }
      const engine = await startEngine({ ...settings, ...mortal })
      const placed = await place(engine.url, 'before', 1)
      engine.child.kill('SIGUSR2')
      const { code, stderr } = await engine.exited
      expect(code).toBe(1)
      expect(stderr).toContain('the embedded database stopped')
      const next = await startEngine(settings)
      expect(await place(next.url, 'before', 1)).toMatchObject({ body: { orderId: placed?.body.orderId } })
    } finally {
      await killAll()
      folder.remove()
    }
  },
  60_000,
)
