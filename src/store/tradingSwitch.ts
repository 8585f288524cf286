// Owns the switch that halts trading: durable, the same for every process, in memory where it is looked at.

import type { Broadcast } from '../domain/ports/broadcast.ts'
import type { TradingState, TradingSwitch } from '../domain/ports/trading.ts'
import { mayTradeIn } from '../domain/roles.ts'
import type { Clock, Millis, Stop } from '../timing/clock.ts'
import { repeat } from '../timing/repeat.ts'
import type { Statements } from './statements.ts'
import type { StoredTrading } from './tradingState.ts'

export type TradingSwitchOptions = {
  /** Receives every change that this process learns of; those before its start count as one. */
  readonly onChange: (state: TradingState) => void
  /** Receives each fault of reading the switch. */
  readonly onFault: (error: unknown) => void
}

const CHANNEL = 'trading'
/** What a lost hint costs: half of the time that a halt may take. */
const REREAD_MS = 400
/** An older reading no longer counts: trading is held until the switch can be read. */
const STALE_MS = 1_000
/** An entry and an exit. */
const EXAMPLES = [
  { type: 'market', parent: null },
  { type: 'stop', parent: null },
] as const

/** Resolves when the switch has been read for the first time. */
export async function openTradingSwitch(
  tables: Pick<Statements, 'selectTrading' | 'setTrading'>,
  broadcast: Broadcast,
  clock: Clock,
  { onChange, onFault }: TradingSwitchOptions,
): Promise<TradingSwitch & { close(): void }> {
  const listeners = new Set<() => void>()
  let known: TradingState = { state: 'active', changedAt: null, changedBy: null }
  let version = 0
  let knownAt: Millis = Number.NEGATIVE_INFINITY

  const mayTrade: TradingSwitch['mayTrade'] = (spec) =>
    mayTradeIn(known.state, spec) && clock.now() - knownAt <= STALE_MS
  const mayTradeEach = () => EXAMPLES.map(mayTrade)

  async function read(): Promise<void> {
    // Stamped with the time of the question: the answer may describe that moment.
    const askedAt = clock.now()
    learn(await tables.selectTrading(), askedAt)
  }

  function learn(stored: StoredTrading | null, at: Millis): void {
    const before = mayTradeEach()
    knownAt = Math.max(knownAt, at)
    if (stored !== null && stored.version > version) {
      version = stored.version
      known = { state: stored.state, changedAt: stored.changedAt, changedBy: stored.changedBy }
      onChange(known)
    }
    const isResumed = mayTradeEach().some((may, i) => may && !before[i])
    if (isResumed) for (const listener of listeners) listener()
  }

  const reread = () => void read().catch(onFault)
  const stopListening = broadcast.listen(CHANNEL, reread, reread)
  await read()
  const stopRepeating = repeat(clock, REREAD_MS, read, onFault)

  return {
    state: () => known,
    mayTrade,
    async set(state, by) {
      const askedAt = clock.now()
      learn(await tables.setTrading(state, askedAt, by), askedAt)
      broadcast.tell(CHANNEL, state)
      return known
    },
    onResume(listener): Stop {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      stopRepeating()
      stopListening()
    },
  }
}
