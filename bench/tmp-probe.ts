import { startDistributed, startEmbedded } from './engine.ts'
import { runLoad, throughput } from './measure.ts'
import { startServers } from './servers.ts'
import pg from 'pg'
const servers = await startServers()
const t = await startDistributed(servers, 'instant')
try {
  await throughput(t, 1000)
  for (const n of [1000, 4000]) {
    const before = Object.values(await t.counts()).reduce((a, b) => a + b, 0)
    let stop = false
    const series: [number, string][] = []
    const poll = (async () => { while (!stop) { series.push([Date.now(), JSON.stringify(await t.counts())]); await new Promise(r => setTimeout(r, 50)) } })()
    const load = await runLoad({ kind: 'burst', url: t.url, orders: n, connections: 64 })
    const end = Date.now() + 2500
    while (Date.now() < end) await new Promise(r => setTimeout(r, 50))
    stop = true; await poll
    console.log(n, 'start', load.startedAtMs, 'answered after', load.endedAtMs - load.startedAtMs)
    for (const [at, c] of series) if (at > load.startedAtMs - 100) console.log(Math.round(at - load.startedAtMs), c)
  }
} finally { await t.stop(); await servers.stop() }
