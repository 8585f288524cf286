// `npm run bench:all-orders`: how fast the engine is with many followers of the stream of all orders, against none, in pairs of runs
// by turns; and what a follower receives that is cut off again and again. Writes ALL-ORDERS.md.
import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { commandLine, wholeNumber } from '../scripts/commandLine.ts'
import { buildEngine, startEmbedded } from './engine.ts'
import type { Followers, Received } from './followers.ts'
import { type Target, throughput } from './measure.ts'
import { freePort, startNode, typescript } from './processes.ts'
import { median } from './report.ts'

const USUAL = { followers: 100, orders: 10_000, pairs: 3 }
const { followers, orders, pairs } = commandLine(
  'Places orders without and with followers of all orders, by turns. With the numbers that it has by itself it writes ALL-ORDERS.md.',
  {
    followers: wholeNumber('streams of all orders at once', USUAL.followers, 1),
    orders: wholeNumber('orders of a run', USUAL.orders, 1),
    pairs: wholeNumber('pairs of runs', USUAL.pairs, 1),
  },
)
/** Passes before anything is measured. */
const WARM_UP = 30_000
/** How long the reading follower may lag behind the last order. */
const LAG_LIMIT_MS = 120_000
const EVENTS = 5

async function openFollowers({ url }: Target) {
  const port = await freePort()
  const given: Followers = { url, followers, port }
  const at = new URL(`http://127.0.0.1:${port}`)
  const running = await startNode({
    name: 'followers',
    args: typescript(new URL('./followers.ts', import.meta.url), JSON.stringify(given)),
    env: {},
    ready: at,
  })
  return { running, received: async () => (await (await fetch(at)).json()) as Received }
}

type Pair = {
  readonly alone: number
  readonly followed: number
  readonly lagMs: number
  readonly received: Received
}

async function measurePair(target: Target): Promise<Pair> {
  const alone = await throughput(target, orders)
  const { running, received } = await openFollowers(target)
  try {
    const followed = await throughput(target, orders)
    const endedAt = Date.now()
    let seen = await received()
    while (seen.ended < orders && Date.now() - endedAt < LAG_LIMIT_MS) {
      await sleep(100)
      seen = await received()
    }
    return {
      alone: alone.confirmedPerSecond,
      followed: followed.confirmedPerSecond,
      lagMs: Date.now() - endedAt,
      received: seen,
    }
  } finally {
    await running.stop()
  }
}

buildEngine()
const target = await startEmbedded('instant')
const measured: Pair[] = []
try {
  await throughput(target, WARM_UP)
  for (let i = 0; i < pairs; i++) {
    const pair = await measurePair(target)
    process.stdout.write(`${JSON.stringify(pair)}\n`)
    measured.push(pair)
  }
} finally {
  await target.stop()
}

const sum = (of: (pair: Pair) => number) => measured.reduce((total, pair) => total + of(pair), 0)
const ratio = median(measured.map(({ alone, followed }) => followed / alone))
const missed = sum(({ received }) => orders - received.ended + received.outOfOrder)
const rows = [
  ['orders a second without followers', median(measured.map(({ alone }) => alone)).toFixed(0), ''],
  [`with ${followers}`, median(measured.map(({ followed }) => followed)).toFixed(0), ''],
  ['ratio', ratio.toFixed(3), '≥ 0.9'],
  [
    'the reading follower has all, after the last order has ended',
    `${median(measured.map(({ lagMs }) => lagMs)).toFixed(0)} ms`,
    '',
  ],
  ['events that it has read', sum(({ received }) => received.events).toLocaleString('en'), ''],
  ['times that it was cut off and resumed', String(sum(({ received }) => received.cuts)), ''],
  ['events missed', String(missed), '0'],
  ['events doubled', String(sum(({ received }) => received.doubled)), '0'],
  ['streams that the engine has closed on', String(sum(({ received }) => received.closed)), ''],
]
const text = `# Followers of all orders

\`npm run bench:all-orders\`, ${pairs} pairs of ${orders.toLocaleString('en')} orders, embedded, ${availableParallelism()} cores (${cpus()[0]?.model.trim()}), Node ${process.versions.node}. The engine, the load and the followers
share the cores. One follower reads every event and is cut off all the time; the others count bytes.

| | | must |
| --- | --- | --- |
${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}
`
process.stdout.write(text)
const isUsual = followers === USUAL.followers && orders === USUAL.orders && pairs === USUAL.pairs
if (isUsual) writeFileSync(new URL('ALL-ORDERS.md', import.meta.url), text)
if (
  missed + sum(({ received }) => received.doubled) > 0 ||
  measured.some(({ received }) => received.events < orders * EVENTS)
) {
  process.exitCode = 1
}
