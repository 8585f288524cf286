// Owns folders for embedded databases. Initialising one takes seconds, so it is done once per version of PGlite; every
// test works on a copy of its own.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url))

type Folder = { readonly path: string; readonly database: string; remove(): void }

/** A folder with an empty database in it, as the embedded engine would make it on its first start. */
export async function freshFolder(under = tmpdir()): Promise<Folder> {
  const parent = mkdtempSync(join(under, 'order-engine-'))
  const path = join(parent, 'data')
  const database = join(path, 'database')
  cpSync(await template(), database, { recursive: true })
  return { path, database, remove: () => rmSync(parent, { recursive: true, force: true }) }
}

async function template(): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(MODULES, '@electric-sql/pglite/package.json'), 'utf8'))
  const folder = join(MODULES, '.cache/order-engine', `pglite-${version}`)
  if (existsSync(folder)) return folder
  mkdirSync(dirname(folder), { recursive: true })
  const draft = mkdtempSync(`${folder}-draft-`)
  const db = await PGlite.create(draft)
  await db.close()
  try {
    renameSync(draft, folder)
  } catch (error) {
    // Another test file was faster; its folder is as good.
    rmSync(draft, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
  return folder
}
