// Owns crash runs: engines under load are killed at random moments, started again, and judged. By hand:
//   npx tsx test/recovery/crashRuns.ts --runs 20 --runtime embedded|distributed [--seed N]
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { crashDistributed } from './crashDistributed.ts'
import { crashEmbedded } from './crashEmbedded.ts'

export const crash = { embedded: crashEmbedded, distributed: crashDistributed }

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '20' },
      runtime: { type: 'string', default: 'embedded' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  })
  const runtime = values.runtime === 'distributed' ? 'distributed' : 'embedded'
  const report = await crash[runtime](Number(values.runs), Number(values.seed))
  const times = report.resumed.map(({ afterMs }) => afterMs).sort((a, b) => a - b)
  const inFlight = report.resumed.reduce((sum, each) => sum + each.inFlight, 0)
  const lines = [
    `${runtime}: ${report.kills} times kill -9, ${report.orders} orders, seed ${report.seed}`,
    `in flight at a kill: ${inFlight}; moved on within ${times.at(times.length >> 1)} ms (median), ${times.at(-1)} ms (worst)`,
    `lost ${report.lost}, doubled ${report.doubled}, faults ${report.faults.length}`,
    ...report.faults.slice(0, 20),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  process.exit(report.faults.length === 0 ? 0 : 1)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main()
