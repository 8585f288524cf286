// Owns how many orders come and end in each second, counted from the stream of all orders since it was first asked for.

import { onEvent } from '../../orders.ts'

export const RATE_SECONDS = 10
const KEPT_SECONDS = 60

type Second = { readonly second: number; accepted: number; closed: number }

/** The newest last. */
let seconds: Second[] = []
let startedAt = 0

const CLOSING: ReadonlySet<string> = new Set(['confirmed', 'failed', 'canceled', 'expired'])
const secondNow = () => Math.floor(Date.now() / 1_000)

export function followRates(): void {
  if (startedAt > 0) return
  startedAt = Date.now()
  onEvent(({ kind, status }) => {
    if (kind === 'accepted') current().accepted += 1
    if (CLOSING.has(status)) current().closed += 1
  })
}

function current(): Second {
  const second = secondNow()
  const last = seconds.at(-1)
  if (last?.second === second) return last
  const next = { second, accepted: 0, closed: 0 }
  seconds = [...seconds.filter((each) => each.second > second - KEPT_SECONDS), next]
  return next
}

/** Of whole seconds: the one under way would always look low. */
export function ratesNow() {
  const last = secondNow() - 1
  const per = (name: 'accepted' | 'closed') => {
    const watched = Math.max(1, Math.min(RATE_SECONDS, (Date.now() - startedAt) / 1_000))
    const recent = seconds.filter(({ second }) => second > last - RATE_SECONDS && second <= last)
    return recent.reduce((sum, each) => sum + each[name], 0) / watched
  }
  const found = new Map(seconds.map((each) => [each.second, each.accepted]))
  const perSecond = Array.from(
    { length: KEPT_SECONDS },
    (_, i) => found.get(last - KEPT_SECONDS + 1 + i) ?? 0,
  )
  return { accepted: per('accepted'), closed: per('closed'), perSecond }
}
