// `npm run bench:console`: how soon the console can be used, what it answers to a hand while 500 events a second change 5,000 rows,
// whether its memory grows meanwhile, and how fast the engine is with three consoles open, against none.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, createClient } from 'oee-client'
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core'
import { commandLine, wholeNumber } from '../scripts/commandLine.ts'
import { buildEngine, startEmbedded } from './engine.ts'
import { type Target, throughput } from './measure.ts'
import { median } from './report.ts'

const { rows, rate, minutes, orders, pairs } = commandLine(
  'Measures the console in Chromium (/usr/bin/chromium), in front of an embedded engine.',
  {
    rows: wholeNumber('resting orders in the table', 5_000, 1),
    rate: wholeNumber('events a second', 500, 1),
    minutes: wholeNumber('how long', 5, 1),
    orders: wholeNumber('orders of a run for the throughput', 80_000, 1),
    pairs: wholeNumber('pairs of runs, without and with consoles', 6, 1),
  },
)
const CHROMIUM = '/usr/bin/chromium'
const CONSOLES = 3
const OPENED_MS = 30_000
/** What was there before is read, the scripts are compiled, and the browser is done with the chores of its start, which a blank page has, too. */
const SETTLED_MS = 35_000
const PRESS_EVERY_MS = 250
/** The finest that the Event Timing API reports; a shorter answer counts as so long. */
const SHORTEST_MS = 16
const FAR = { type: 'limit', tokenIn: 'A', tokenOut: 'B', amountIn: '1' } as const
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking']

/** Runs in the page before its own scripts: when the first row stood there, and how long each key took to be painted. */
const PROBE = `
globalThis.probe = { rowAt: null, keys: [] }
new PerformanceObserver((list) => {
  for (const { name, duration } of list.getEntries()) if (name === 'keydown') probe.keys.push(duration)
}).observe({ type: 'event', durationThreshold: ${SHORTEST_MS} })
new MutationObserver(() => {
  probe.rowAt ??= document.querySelector('[role=gridcell]') === null ? null : performance.now()
}).observe(document, { childList: true, subtree: true })
`

type Probe = { readonly rowAt: number | null; readonly keys: readonly number[] }

async function opened(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
  await page.addInitScript(PROBE)
  await page.goto(`${url}/#/blotter`)
  await page.locator('[role=gridcell]').first().waitFor({ timeout: 120_000 })
  return page
}

const probeOf = (page: Page) => page.evaluate<Probe>('probe')

/** Bytes over the wire of the scripts that the first view has loaded. */
const scriptBytes = (page: Page) =>
  page.evaluate<number>(
    `performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js')).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`,
  )

async function measureLoad(browser: Browser, { url }: Target): Promise<void> {
  const page = await opened(browser, url)
  const { rowAt } = await probeOf(page)
  report('script over the wire, first view', `${((await scriptBytes(page)) / 1024).toFixed(1)} KB gzip`)
  report('usable after load, loopback', `${rowAt?.toFixed(0)} ms`)
  await page.context().close()
}

async function placeResting(oee: Client): Promise<readonly string[]> {
  const ids: string[] = []
  while (ids.length < rows) {
    const batch = Array.from({ length: 100 }, () => oee.place({ ...FAR, limitPrice: '60' }))
    ids.push(...(await Promise.all(batch)).map(({ orderId }) => orderId))
  }
  return ids
}

/** Amends the orders in turn, at the rate, until it is told to stop; resolves to how many it has amended. */
function amendAll(oee: Client, ids: readonly string[]) {
  let isOver = false
  let amended = 0
  const TICK_MS = 20
  async function run(): Promise<number> {
    const startedAt = performance.now()
    const running = new Set<Promise<unknown>>()
    while (!isOver) {
      const due = Math.floor(((performance.now() - startedAt) * rate) / 1_000)
      for (; amended < due && running.size < 200; amended += 1) {
        const id = ids[amended % ids.length] ?? ''
        const one = oee.amend(id, { limitPrice: String(60 + (amended % 9)) }).catch(() => null)
        running.add(one)
        void one.then(() => running.delete(one))
      }
      await sleep(TICK_MS)
    }
    await Promise.all(running)
    return amended
  }
  const amending = run()
  return {
    async stop() {
      isOver = true
      return amending
    },
  }
}

async function heapMb(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return usedSize / 2 ** 20
}

async function measureHand(browser: Browser, { url }: Target): Promise<void> {
  const oee = createClient({ url, timeoutMs: 120_000 })
  const ids = await placeResting(oee)
  const page = await opened(browser, url)
  const session = await page.context().newCDPSession(page)
  await page.getByRole('grid').focus()
  const amending = amendAll(oee, ids)
  const startedAt = performance.now()
  const heaps: number[] = []
  let presses = 0
  for (let minute = 0; minute <= minutes; minute += 1) {
    heaps.push(await heapMb(session))
    while (minute < minutes && performance.now() - startedAt < (minute + 1) * 60_000) {
      await page.keyboard.press(presses % 40 < 20 ? 'ArrowDown' : 'ArrowUp')
      presses += 1
      await sleep(PRESS_EVERY_MS)
    }
  }
  const amended = await amending.stop()
  const { keys } = await probeOf(page)
  const slow = keys.toSorted((one, other) => one - other)
  // Those that are not reported were faster.
  const at = (share: number) => slow[Math.floor(share * presses) - (presses - slow.length)] ?? SHORTEST_MS
  const seconds = (performance.now() - startedAt) / 1_000
  report('rows, events a second', `${rows}, ${(amended / seconds).toFixed(0)}`)
  report('a key to its paint, p50, p95, p99', [0.5, 0.95, 0.99].map((share) => `${at(share)} ms`).join(', '))
  report('memory after each minute', heaps.map((mb) => `${mb.toFixed(1)} MB`).join(', '))
  await page.context().close()
}

/** A browser of its own, that nothing drives: each frame of a driven page is told to its driver, too. */
async function startConsole(url: string) {
  const dir = mkdtempSync(join(tmpdir(), 'oee-bench-console-'))
  const args = [...ARGS, '--headless', '--remote-debugging-port=0', '--window-size=1440,900']
  const browser = spawn(CHROMIUM, [...args, `--user-data-dir=${dir}`, `${url}/#/blotter`], {
    stdio: 'ignore',
  })
  const ended = once(browser, 'exit')
  return {
    async stop() {
      browser.kill()
      await ended
      // Its children write a little longer.
      rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
    },
  }
}

async function openStreams(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^oee_streams_open\{via="websocket"\} (\d+)/m.exec(text)?.[1] ?? 0)
}

async function ordersPerSecond(target: Target, consoles: number): Promise<number> {
  const started = await Promise.all(Array.from({ length: consoles }, () => startConsole(target.url)))
  try {
    const until = performance.now() + OPENED_MS
    while ((await openStreams(target.url)) < consoles) {
      if (performance.now() > until) throw new Error(`fewer than ${consoles} consoles follow the orders`)
      await sleep(100)
    }
    await sleep(SETTLED_MS)
    return (await throughput(target, orders)).confirmedPerSecond
  } finally {
    await Promise.all(started.map((each) => each.stop()))
  }
}

/** In pairs, because a machine differs from minute to minute; each begins with what the one before has ended with. */
async function measureThroughput(target: Target): Promise<void> {
  await throughput(target, orders)
  const ratios: number[] = []
  for (let pair = 0; pair < pairs; pair += 1) {
    const seen = new Map<number, number>()
    for (const consoles of pair % 2 === 0 ? [0, CONSOLES] : [CONSOLES, 0]) {
      seen.set(consoles, await ordersPerSecond(target, consoles))
    }
    const [without = 0, watched = 0] = [seen.get(0), seen.get(CONSOLES)]
    ratios.push(watched / without)
    report(`orders/s without, with ${CONSOLES} consoles`, `${without.toFixed(0)}, ${watched.toFixed(0)}`)
  }
  const shown = ratios.map((each) => each.toFixed(2)).join(', ')
  report('throughput with them, against none', `${median(ratios).toFixed(2)}, the median of ${shown}`)
}

const report = (name: string, value: string) => console.log(`${name.padEnd(48)} ${value}`)

buildEngine()
const target = await startEmbedded('instant')
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS })
try {
  await createClient({ url: target.url }).place({ ...FAR, limitPrice: '60' })
  await measureLoad(browser, target)
  await measureThroughput(target)
  await measureHand(browser, target)
} finally {
  await browser.close()
  await target.stop()
}
