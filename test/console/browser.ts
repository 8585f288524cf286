// Owns consoles for tests: a real Chromium, in front of a real engine process whose port stays the same over restarts.
import { createServer } from 'node:net'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { find } from '../clients/programs.ts'
import { launch, type RunningEngine, type Settings, startEngine } from '../recovery/engineProcess.ts'
import { freshFolder } from '../support/embeddedFolder.ts'

export type Consoles = {
  readonly url: string
  readonly browser: Browser
  /** A page of a browser of its own, and every fault of it: errors in its console, and requests to other servers. */
  open(hash: string, options?: BrowserContextOptions): Promise<{ page: Page; faults: string[] }>
  /** kill -9: the engine is gone when this resolves. */
  kill(): Promise<void>
  start(more?: Settings): Promise<void>
  /** A key with these scopes, all when absent, made while the engine is stopped. */
  makeKey(scopes?: string): Promise<string>
  stop(): Promise<void>
}

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
const WIDE = { width: 1280, height: 800 }
export const PHONE = { width: 360, height: 740 }

export async function startConsoles(settings: Settings = {}): Promise<Consoles> {
  const folder = await freshFolder()
  const all = { DATA_DIR: folder.path, PORT: String(await freePort()), RETRY_BACKOFF_MS: '20', ...settings }
  let engine: RunningEngine | null = await startEngine(all)
  const { url } = engine
  const browser = await chromium.launch({ executablePath: find('chromium') ?? '', args: ARGS })
  const kill = async () => {
    await engine?.kill()
    engine = null
  }
  return {
    url,
    browser,
    kill,
    async open(hash, options = {}) {
      const context = await browser.newContext({ viewport: WIDE, ...options })
      const page = await context.newPage()
      const faults = faultsOf(page, url)
      await page.goto(`${url}/${hash}`)
      return { page, faults }
    },
    async start(more = {}) {
      engine = await startEngine({ ...all, ...more })
    },
    async makeKey(scopes = 'trade,read,admin') {
      const args = ['keys', 'create', '--name', 'console', '--scopes', scopes]
      const { stdout } = await launch(all, args).exited
      return stdout.trim()
    },
    async stop() {
      await browser.close()
      await kill()
      folder.remove()
    },
  }
}

function faultsOf(page: Page, url: string): string[] {
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text())
  })
  page.on('request', (request) => {
    const isOwn = [url, url.replace('http', 'ws'), 'blob:', 'data:'].some((start) =>
      request.url().startsWith(start),
    )
    if (!isOwn) faults.push(`asked ${request.url()}`)
  })
  return faults
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
