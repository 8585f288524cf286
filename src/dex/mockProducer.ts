// Owns who produces the blocks of the simulated chain: the one process that holds the lock, until it steps down, and
// what the others send to it.

import { base58 } from '@scure/base'
import type { Broadcast, Clock, Sql, Stop } from '../domain/ports.ts'
import type { MockLedger } from './mockLedger.ts'
import { startValidator, type Validator, type ValidatorOptions } from './mockValidator.ts'

export type Producer = {
  /** The validator of this process while it produces. */
  validator(): Validator | null
  close(): Promise<void>
}

export type ProducerDeps = {
  readonly sql: Sql
  readonly ledger: MockLedger
  readonly broadcast: Broadcast
  readonly clock: Clock
  /** Called with the signatures in each block that this process has made durable and that holds any. */
  readonly onBlock: (signatures: readonly string[]) => void
  readonly onFault: (error: unknown) => void
}

/** Told whenever something was put into the mempool. */
export const MEMPOOL_CHANNEL = 'simulation_mempool'
const PRODUCER_LOCK = 7_203_003
const TAKE_OVER_MS = 1_000
/** How often a producer looks for what others sent, whatever it is told. */
const DRAIN_MS = 1_000

/** Resolves when the first offer is settled; later ones run in the background. */
export async function openProducer(options: ValidatorOptions, deps: ProducerDeps): Promise<Producer> {
  const { sql, ledger, broadcast, clock } = deps
  let validator: Validator | null = null
  let release: Stop = () => {}
  let closed = false
  let stopRetry: Stop = () => {}
  let stopDrains: Stop = () => {}
  let draining: Promise<void> | null = null
  let drainAgain = false

  async function offerToProduce(): Promise<void> {
    if (closed) return
    try {
      const lock = await sql.tryLock(PRODUCER_LOCK, () => stepDown('the lock was lost'))
      if (lock === null) return retryLater()
      if (closed) return lock()
      release = lock
      const state = await ledger.takeOver(options.blockhashBlocks)
      validator = startValidator(state, options, {
        ledger,
        clock,
        onBlock: deps.onBlock,
        onDeposed: stepDown,
      })
      drainRegularly()
    } catch (error) {
      stepDown(error)
    }
  }

  function stepDown(reason: unknown): void {
    if (closed) return
    deps.onFault(reason)
    stopDrains()
    void validator?.close()
    validator = null
    release()
    release = () => {}
    retryLater()
  }

  function retryLater(): void {
    stopRetry()
    stopRetry = clock.after(TAKE_OVER_MS, () => void offerToProduce())
  }

  function drainRegularly(): void {
    drainMempool()
    stopDrains = clock.after(DRAIN_MS, drainRegularly)
  }

  /** One at a time: what is sent meanwhile is taken together right after. */
  function drainMempool(): void {
    if (closed || validator === null) return
    drainAgain = draining !== null
    draining ??= takeFromMempool()
      .catch(deps.onFault)
      .then(() => {
        draining = null
        if (drainAgain) drainMempool()
      })
  }

  async function takeFromMempool(): Promise<void> {
    // It may be deposed while we read: it then takes nothing any more, and the senders send again.
    const producer = validator
    for (const wire of await ledger.takeFromMempool()) producer?.receive(signatureOf(wire), wire)
  }

  await offerToProduce()
  const stopListening = broadcast.listen(MEMPOOL_CHANNEL, drainMempool, drainMempool)

  return {
    validator: () => validator,
    async close() {
      closed = true
      stopRetry()
      stopDrains()
      stopListening()
      await draining
      await validator?.close()
      release()
    },
  }
}

const signatureOf = (wire: Uint8Array) => base58.encode(wire.subarray(0, 64))
