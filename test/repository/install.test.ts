// What the Dockerfile does works without Docker: its files and its commands, run in an empty folder, give an engine that fills an
// order, and no package ran a script of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { ended, place } from '../support/client.ts'
import { freshFolder } from '../support/embeddedFolder.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const INSTALL_MS = 120_000
const START_MS = 30_000
/** What npm says when there is no registry to ask. */
const UNREACHABLE =
  /npm error code (EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ENOTCACHED|ENOTFOUND|ETIMEDOUT)/
/** The cache first; and where there is no registry, that is known soon. */
const NPM = {
  npm_config_prefer_offline: 'true',
  npm_config_audit: 'false',
  npm_config_fetch_retry_mintimeout: '500',
}
/** An engine of its own, whatever the shell that runs the tests is set to. */
const SETTINGS = { PORT: '0', REDIS_URL: '', PG_CONN: '', SIM_SPEED: 'instant', LOG_LEVEL: 'warn' }

test(
  'npm ci --ignore-scripts is enough to build and run',
  async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'order-engine-install-'))
    const data = await freshFolder()
    try {
      const { files, commands } = buildStage()
      for (const file of files) cpSync(join(PROJECT, file), join(folder, file), { recursive: true })
      expect(commands[0]).toBe('npm ci --ignore-scripts')
      for (const command of commands) {
        const { code, said } = await launch(command, folder).exited
        const isOffline = UNREACHABLE.test(said) && process.env.REQUIRE_SERVICES !== '1'
        context.skip(isOffline, 'needs the npm registry, or what it sent before in the cache of npm')
        expect({ code, said }).toMatchObject({ code: 0 })
      }
      await fillAnOrder(folder, data.path)
    } finally {
      rmSync(folder, { recursive: true, force: true })
      data.remove()
    }
  },
  INSTALL_MS,
)

/** What the first stage of the Dockerfile copies and runs. */
function buildStage() {
  const dockerfile = readFileSync(join(PROJECT, 'Dockerfile'), 'utf8')
  const [stage = ''] = dockerfile.slice(1).split(/^FROM /m)
  const linesOf = (word: string) =>
    [...stage.matchAll(new RegExp(`^${word} (.+)$`, 'gm'))].map(([, rest = '']) => rest)
  return {
    files: linesOf('COPY').flatMap((line) => line.split(' ').slice(0, -1)),
    commands: linesOf('RUN').flatMap((line) => line.split(' && ')),
  }
}

/** Starts a command in a process group of its own, so that npm and all that it starts can be ended together. */
function launch(command: string, folder: string, settings: Readonly<Record<string, string>> = {}) {
  const env = { ...process.env, ...NPM, ...settings }
  const child = spawn(command, { cwd: folder, shell: true, detached: true, env })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text))
  let isOver = false
  const exited = once(child, 'close').then(([code]: (number | null)[]) => {
    isOver = true
    return { code, said }
  })
  return {
    exited,
    said: () => said,
    end(signal: 'SIGTERM' | 'SIGKILL') {
      if (!isOver) process.kill(-Number(child.pid), signal)
    },
  }
}

async function fillAnOrder(folder: string, dataDir: string): Promise<void> {
  const engine = launch('npm start', folder, { ...SETTINGS, DATA_DIR: dataDir })
  try {
    const url = await vi.waitFor(
      () => {
        const [found] = /http:\/\/[\d.]+:\d+/.exec(engine.said()) ?? []
        if (found === undefined) throw new Error(`the engine did not start: ${engine.said()}`)
        return found
      },
      { timeout: START_MS },
    )
    const { orderId } = await place(url)
    expect(await ended(url, orderId)).toMatchObject({ status: 'confirmed' })
    engine.end('SIGTERM')
    await engine.exited
  } finally {
    engine.end('SIGKILL')
  }
}
