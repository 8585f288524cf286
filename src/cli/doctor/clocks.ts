// Owns what the doctor says of clocks: a server's against this machine's.

import type { ClockReading } from '../../domain/ports/survey.ts'
import type { Check, checksOf } from './check.ts'

/** Times in logs no longer agree. */
const WARN_MS = 1_000
/** Expiries, leases and limits per day are judged by the store's clock, and quotes by the process's own. */
const FAIL_MS = 30_000

export function clockCheck(
  reading: ClockReading,
  server: string,
  { pass, warn, fail }: ReturnType<typeof checksOf>,
): Check {
  const { aheadMs, accuracyMs } = reading
  const offMs = Math.max(0, Math.abs(aheadMs) - accuracyMs)
  const found = `the clock of ${server} is ${seconds(Math.abs(aheadMs))} ${aheadMs < 0 ? 'behind' : 'ahead of'} this machine's`
  if (offMs < WARN_MS) return pass('clock', `agrees with this machine's to ${seconds(offMs + accuracyMs)}`)
  const next =
    'set both by NTP (timedatectl set-ntp true), and compare with the others here to see which is wrong'
  return offMs < FAIL_MS ? warn('clock', found, next) : fail('clock', found, next)
}

const seconds = (ms: number) => (ms < 100 ? `${Math.ceil(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`)
