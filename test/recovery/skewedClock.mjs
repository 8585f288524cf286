// Owns the clock of one process: loaded before the engine, it jumps by the next of CLOCK_JUMPS_MS at each SIGUSR2.
// The machine's clock stays as it is, and so do timers, as when an operator or NTP sets the time.
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  const jumps = (process.env.CLOCK_JUMPS_MS ?? '').split(',').map(Number)
  const trueNow = Date.now
  let skewMs = 0
  Date.now = () => trueNow() + skewMs
  process.on('SIGUSR2', () => {
    skewMs += jumps.shift() ?? 0
  })
}
