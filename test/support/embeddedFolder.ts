// Owns folders for embedded databases. Making one takes seconds, so it is done once for each version of PGlite and of the
// schema; every test works on a copy of its own.
import { hash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeDatabase, openPglite } from '../../src/store/embedded/pglite.ts'
import { migrate, migrations } from '../../src/store/migrations.ts'

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url))

export type Folder = { readonly path: string; readonly database: string; remove(): void }

/** A folder with a database in it that has the schema and no rows: what the first start of an embedded engine makes. */
export async function freshFolder(under = tmpdir()): Promise<Folder> {
  const parent = mkdtempSync(join(under, 'order-engine-'))
  const path = join(parent, 'data')
  const database = join(path, 'database')
  cpSync(await template(), database, { recursive: true })
  return { path, database, remove: () => rmSync(parent, { recursive: true, force: true }) }
}

/**
 * Vitest calls this before all tests. In the hook of one it would have only that hook's time, and two files would do it at
 * once.
 */
export async function setup(): Promise<void> {
  await template()
}

async function template(): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(MODULES, '@electric-sql/pglite/package.json'), 'utf8'))
  const schema = hash('sha256', JSON.stringify(migrations)).slice(0, 16)
  const folder = join(MODULES, '.cache/order-engine', `pglite-${version}-schema-${schema}`)
  if (existsSync(folder)) return folder
  mkdirSync(dirname(folder), { recursive: true })
  const draft = mkdtempSync(`${folder}-draft-`)
  await makeDatabase(draft)
  const sql = await openPglite(draft)
  await migrate(sql).finally(sql.close)
  try {
    renameSync(draft, folder)
  } catch (error) {
    // Another test file was faster; its folder is as good.
    rmSync(draft, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
  return folder
}
