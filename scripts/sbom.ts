// Prints a software bill of materials (CycloneDX) of the runtime packages: npm run -s sbom. npm writes it, from the lockfile.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandLine } from './commandLine.ts'

type Locked = { readonly dev?: boolean; readonly link?: boolean }

const ARGS = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only']

commandLine('Prints a bill of materials of what runs with the engine, as CycloneDX.', {})

const readJson = (name: string) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'))

// Not with --omit=dev: that also leaves out what development and the engine both need, such as the parts of pg.
const { devDependencies: _, workspaces, ...project } = readJson('package.json')
const { packages, ...lock } = readJson('package-lock.json')
const { devDependencies: __, workspaces: ___, ...root } = packages['']

/** A workspace is part of the project, and stands twice in the lockfile: as its folder and as the link to it. */
const isOwn = (where: string, { link }: Locked) => where === '' || link === true || workspaces.includes(where)
const all = Object.entries<Locked>(packages)
const installed = all.filter(([where, locked]) => !isOwn(where, locked) && locked.dev !== true)
for (const [where] of all.filter(([, { link }]) => link)) {
  const name = where.replace('node_modules/', '')
  delete project.dependencies[name]
  delete root.dependencies[name]
}

const parent = mkdtempSync(join(tmpdir(), 'order-engine-sbom-'))
try {
  // npm names the document after its folder.
  const folder = join(parent, project.name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify(project))
  const pruned = { ...lock, packages: { '': root, ...Object.fromEntries(installed) } }
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(pruned))
  const { status, error } = spawnSync('npm', ARGS, { cwd: folder, stdio: 'inherit' })
  if (error) throw error
  process.exitCode = status ?? 1
} finally {
  rmSync(parent, { recursive: true, force: true })
}
