// Owns who produces the blocks of the simulated chain, and what the others send to it: one process at a time, by a lease
// that it renews while it runs. Once that has run out another takes over: what the old one writes should it wake up is
// refused, since every takeover begins an epoch.

import { base58 } from '@scure/base'
import type { Broadcast } from '../../domain/ports/broadcast.ts'
import type { Clock, Stop } from '../../timing/clock.ts'
import type { Ledger } from './ledger.ts'
import { startValidator, type Validator, type ValidatorOptions } from './validator.ts'

export type Producer = {
  /** The validator of this process while it produces. */
  validator(): Validator | null
  close(): Promise<void>
}

export type ProducerOptions = ValidatorOptions & {
  /** No other process has this database: whoever produced before is dead. */
  readonly alone: boolean
}

export type ProducerDeps = {
  readonly ledger: Ledger
  readonly broadcast: Broadcast
  readonly clock: Clock
  /** Called with the signatures in each block that this process has made durable and that holds any. */
  readonly onBlock: (signatures: readonly string[]) => void
  readonly onFault: (error: unknown) => void
}

/** Told whenever something was put into the mempool. */
export const MEMPOOL_CHANNEL = 'simulation_mempool'
const TAKE_OVER_MS = 1_000
/** How often a producer renews its lease, and looks for what others sent, whatever it is told. */
const RENEW_MS = 1_000

/** Resolves when the first offer is settled; later ones run in the background. */
export async function openProducer(options: ProducerOptions, deps: ProducerDeps): Promise<Producer> {
  const { ledger, broadcast, clock } = deps
  let tenure: { readonly epoch: number; readonly validator: Validator } | null = null
  let closed = false
  let stopRetry: Stop = () => {}
  let stopRenewing: Stop = () => {}
  let draining: Promise<void> | null = null
  let drainAgain = false

  async function offerToProduce(): Promise<void> {
    if (closed) return
    try {
      const state = await ledger.takeOver(options.blockhashBlocks, options.alone)
      if (state === null) return offerLater()
      const { epoch } = state
      if (closed) return await ledger.endLease(epoch)
      const validator = startValidator(state, options, {
        ledger,
        clock,
        onBlock: deps.onBlock,
        onDeposed: (reason) => stepDown(epoch, reason),
      })
      tenure = { epoch, validator }
      renewRegularly(epoch)
    } catch (error) {
      deps.onFault(error)
      offerLater()
    }
  }

  function offerLater(): void {
    stopRetry = clock.after(TAKE_OVER_MS, () => {
      offering = offerToProduce()
    })
  }

  function stepDown(epoch: number, reason: unknown): void {
    if (closed || tenure?.epoch !== epoch) return
    deps.onFault(reason)
    stopRenewing()
    void tenure.validator.close()
    tenure = null
    ledger.endLease(epoch).catch(deps.onFault)
    offerLater()
  }

  /** On a timer, not with the blocks: a slot may last a minute, and a process that runs is to be seen running. */
  function renewRegularly(epoch: number): void {
    drainMempool()
    ledger.renewLease(epoch).then((isOurs) => {
      if (!isOurs) stepDown(epoch, 'another producer has taken over')
    }, deps.onFault)
    stopRenewing = clock.after(RENEW_MS, () => renewRegularly(epoch))
  }

  /** One at a time: what is sent meanwhile is taken together right after. */
  function drainMempool(): void {
    if (closed || tenure === null) return
    drainAgain = draining !== null
    draining ??= takeFromMempool(tenure)
      .catch(deps.onFault)
      .then(() => {
        draining = null
        if (drainAgain) drainMempool()
      })
  }

  async function takeFromMempool({ epoch, validator }: NonNullable<typeof tenure>): Promise<void> {
    // It may be deposed while we read: it then takes nothing any more, and the senders send again.
    for (const wire of await ledger.takeFromMempool(epoch)) validator.receive(signatureOf(wire), wire)
  }

  let offering = offerToProduce()
  await offering
  const stopListening = broadcast.listen(MEMPOOL_CHANNEL, drainMempool, drainMempool)

  return {
    validator: () => tenure?.validator ?? null,
    async close() {
      closed = true
      stopRetry()
      stopRenewing()
      stopListening()
      await Promise.all([offering, draining])
      await tenure?.validator.close()
      if (tenure !== null) await ledger.endLease(tenure.epoch).catch(deps.onFault)
    },
  }
}

const signatureOf = (wire: Uint8Array) => base58.encode(wire.subarray(0, 64))
