// Whatever name Node is given for it, the program runs; imported it does nothing; and a Node too old for it says so.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshFolder } from '../support/embeddedFolder.ts'
import { killAll, launch, startEngine, type Way } from './engineProcess.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const DIST = join(PROJECT, 'dist')
const START_MS = 60_000

let folder: Awaited<ReturnType<typeof freshFolder>>
/** Where a release is put: `current` leads to it. */
let site: string

beforeAll(async () => {
  folder = await freshFolder()
  site = mkdtempSync(join(tmpdir(), 'order-engine-site-'))
  mkdirSync(join(site, 'releases'))
  symlinkSync(PROJECT, join(site, 'releases/1'))
  symlinkSync('releases/1', join(site, 'current'))
  symlinkSync(join(DIST, 'index.js'), join(site, 'order-engine'))
})

afterAll(async () => {
  await killAll()
  folder.remove()
  rmSync(site, { recursive: true, force: true })
})

const settings = () => ({ DATA_DIR: folder.path, SIM_SPEED: 'instant' })

/** By what Node is given; in the project, or where the links to it are. */
const ways: readonly (readonly [string, () => Way])[] = [
  ['node .', () => ({ node: ['.'], cwd: PROJECT })],
  ['node dist', () => ({ node: ['dist'], cwd: PROJECT })],
  ['node dist/index', () => ({ node: ['dist/index'], cwd: PROJECT })],
  ['node ./dist/index.js', () => ({ node: ['./dist/index.js'], cwd: PROJECT })],
  ['node index in dist', () => ({ node: ['index'], cwd: DIST })],
  ['node current', () => ({ node: ['current'], cwd: site })],
  ['node current/dist/index.js', () => ({ node: ['current/dist/index.js'], cwd: site })],
  ['node order-engine, a link', () => ({ node: ['order-engine'], cwd: site })],
  [
    'node --preserve-symlinks-main current/dist/index',
    () => ({ node: ['--preserve-symlinks-main', 'current/dist/index'], cwd: site }),
  ],
]

describe.each(ways)('%s', (_name, way) => {
  // Opening a database takes seconds. That a setting is refused shows as well that the program runs.
  test.each([[[]], [['keys', 'list']]])(
    'is the program, with arguments %j',
    async (args) => {
      const { code, stdout, stderr } = await launch({ PORT: '-1' }, args, way()).exited
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(/^Configuration: PORT must be/)
    },
    START_MS,
  )
})

test(
  'a release that is reached by a link runs the engine, and the keys program',
  async () => {
    const way = { node: ['current'], cwd: site }
    const engine = await startEngine(settings(), way)
    await engine.kill()
    const { code, stdout } = await launch(settings(), ['keys', 'create', '--name', 'bot'], way).exited
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^oee_/) })
  },
  START_MS,
)

test('what is no command is refused, and starts no engine', async () => {
  const { code, stdout, stderr } = await launch(settings(), ['kyes', 'list']).exited
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toBe('There is no such command. Is "oee keys" meant? "oee --help" lists all.\n')
})

test('the command oee is the same program, also by a link, and alone it shows its help', async () => {
  const oee = join(site, 'oee')
  symlinkSync(join(DIST, 'oee.js'), oee)
  const alone = await launch(settings(), [], { node: [oee] }).exited
  expect(alone).toMatchObject({ code: 0, stderr: '' })
  expect(alone.stdout).toMatch(/^ {2}start +start the engine/m)
  const { stdout } = await launch(settings(), ['--version'], { node: [oee] }).exited
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  const started = await launch({ PORT: '-1' }, ['start'], { node: [oee] }).exited
  expect(started).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^Configuration: PORT/),
  })
})

test.each(['--eval', '--print'])('imported (%s), nothing starts, and start can be called', async (flag) => {
  const script = `import(${JSON.stringify(join(DIST, 'index.js'))}).then(({ start }) => console.log(typeof start))`
  const { code, stdout, stderr } = await launch(settings(), [], { node: [flag, script] }).exited
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('function')
})

describe('a Node that is too old', () => {
  const entry = readFileSync(join(DIST, 'index.js'), 'utf8')

  // Linking comes before running: what an imported module lacks ends the start before it can be said what is amiss.
  test('gets as far as the sentence: before it, nothing is loaded but what Node 14 has', () => {
    const imported = [...entry.matchAll(/^import (.+) from '(.+)'/gm)].map(([, names, from]) => [names, from])
    expect(imported).toEqual([
      ['{ readFileSync, realpathSync }', 'node:fs'],
      ['{ createRequire }', 'node:module'],
      ['{ fileURLToPath }', 'node:url'],
    ])
    // Nor is there an `await` outside a function, which it cannot read.
    expect(entry).not.toMatch(/^(await|export .*from)/m)
  })

  test.each([
    ['18.9.0', 'Node 20.19 or newer is needed; this is 18.9.0'],
    ['20.18.3', 'Node 20.19 or newer is needed; this is 20.18.3'],
  ])('such as %s is refused in one sentence', async (version, said) => {
    const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' })`
    const loader = `--import=data:text/javascript,${encodeURIComponent(pretend)}`
    const way = { node: [loader, join(DIST, 'index.js')] }
    const { code, stderr } = await launch(settings(), [], way).exited
    expect(code).toBe(1)
    expect(stderr).toContain(said)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })
})
