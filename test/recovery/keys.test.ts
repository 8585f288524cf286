// The keys program as an operator runs it: on the store of an engine that is stopped, or of engines that run. What its
// arguments mean is test/cli/keys.test.ts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { send } from '../support/client.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { describeDistributed, freshDatabase } from '../support/services.ts'
import { killAll, launch, type Settings, startEngine } from './engineProcess.ts'

const START_MS = 60_000
const TOKEN = /^oee_([0-9a-f]{16})_[0-9a-f]{64}\n$/

afterAll(killAll)

/** What every store must do. */
function describeProgram(settings: () => Settings): void {
  const keys = (...args: readonly string[]) => launch(settings(), ['keys', ...args]).exited

  test(
    'makes a key, lists it without its secret, and revokes it',
    async () => {
      const made = await keys('create', '--name', 'first bot', '--scopes', 'read', '--expires', '2d')
      expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(TOKEN) })
      const [, id = ''] = TOKEN.exec(made.stdout) ?? []
      const secret = made.stdout.trim().slice(`oee_${id}_`.length)
      expect(made.stderr).toContain(id)
      expect(made.stderr).not.toContain(secret)
      const listed = await keys('list')
      expect(listed.stdout).toMatch(new RegExp(`^${id}  read  made .*  expires .*  first bot$`, 'm'))
      expect(await keys('revoke', id)).toMatchObject({ code: 0 })
      const after = await keys('list')
      expect(after.stdout).toMatch(new RegExp(`^${id}  read  made .*  revoked .*  first bot$`, 'm'))
      expect(listed.stdout + after.stdout).not.toContain(secret)
    },
    START_MS,
  )
}

describe('the keys program, embedded', () => {
  let folder: Awaited<ReturnType<typeof freshFolder>>
  const settings = () => ({ DATA_DIR: folder.path, SIM_SPEED: 'instant' })
  beforeAll(async () => {
    folder = await freshFolder()
  })
  afterAll(async () => {
    // An engine that still writes would put files back into the folder.
    await killAll()
    folder.remove()
  })
  describeProgram(settings)

  test.each([
    [['create', '--name', 'a', '--key', 'oee_secret'], 2, /cannot be read/],
    [['revoke', 'oee_secret'], 1, /no key/],
  ] as const)(
    'refuses %j with exit code %i and nothing on its output, and repeats no argument',
    async (args, exitCode, said) => {
      const { code, stdout, stderr } = await launch(settings(), ['keys', ...args]).exited
      expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' })
      expect(stderr).toMatch(said)
      expect(stderr).not.toContain('oee_secret')
    },
    START_MS,
  )

  test(
    'is refused while the engine runs, and works for it when it is stopped',
    async () => {
      const engine = await startEngine(settings())
      const { code, stderr } = await launch(settings(), ['keys', 'list']).exited
      expect(code).toBe(1)
      expect(stderr).toMatch(
        new RegExp(
          `^Another engine \\(pid ${engine.child.pid} on .+: stop it, or set DATA_DIR to another`,
          's',
        ),
      )
      await engine.kill()
      const { stdout } = await launch(settings(), ['keys', 'create', '--name', 'bot']).exited
      const { url } = await startEngine({ ...settings(), REQUIRE_API_KEYS: 'always' })
      const headers = { authorization: `Bearer ${stdout.trim()}` }
      expect((await send(`${url}/api/orders`)).status).toBe(401)
      expect((await send(`${url}/api/orders`, { headers })).status).toBe(200)
    },
    START_MS,
  )
})

describeDistributed('the keys program, distributed', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>
  beforeAll(async () => {
    database = await freshDatabase()
  })
  afterAll(async () => {
    await killAll()
    await database.drop()
  })
  describeProgram(() => ({
    PG_CONN: database.pgConn,
    REDIS_URL: database.redisUrl,
    QUEUE_PREFIX: database.queuePrefix,
  }))
})
