// Owns leader election on the simulated chain: one process at a time produces blocks, by a lease that it renews. Once the
// lease has run out another process takes over and begins an epoch; writes of an earlier epoch are refused (fencing).

import { base58 } from '@scure/base'
import type { Broadcast } from '../../domain/ports/broadcast.ts'
import type { Stop } from '../../timing/clock.ts'
import { repeat } from '../../timing/repeat.ts'
import { startValidator, type Validator, type ValidatorDeps, type ValidatorOptions } from './validator.ts'

export type Producer = {
  /** The validator of this process while it produces. */
  validator(): Validator | null
  close(): Promise<void>
}

/** The time in which this process produces. */
type Tenure = { readonly epoch: number; readonly validator: Validator }

export type ProducerOptions = ValidatorOptions & {
  /** No other process has this database: an earlier producer is dead. */
  readonly isSoleProcess: boolean
}

export type ProducerDeps = Omit<ValidatorDeps, 'onDeposed'> & {
  readonly broadcast: Broadcast
  readonly onFault: (error: unknown) => void
}

/** Hints that the mempool holds something new. */
export const MEMPOOL_CHANNEL = 'simulation_mempool'
const TAKE_OVER_MS = 1_000
/** How often a producer renews its lease and reads the mempool, hint or no hint. */
const RENEW_MS = 1_000

/** Resolves when the first offer to produce is decided; later ones run in the background. */
export async function openProducer(options: ProducerOptions, deps: ProducerDeps): Promise<Producer> {
  const { ledger, broadcast, clock } = deps
  let tenure: Tenure | null = null
  let closed = false
  /** Of the next offer, or of the renewals. */
  let stopTimer: Stop = () => {}

  async function offerToProduce(): Promise<void> {
    if (closed) return
    try {
      const state = await ledger.takeOver(options.blockhashBlocks, options.isSoleProcess)
      if (state === null) return offerLater()
      const { epoch } = state
      if (closed) return await ledger.endLease(epoch)
      const onDeposed = (reason: unknown) => stepDown(epoch, reason)
      const validator = startValidator(state, options, { ...deps, onDeposed })
      tenure = { epoch, validator }
      mempool.drain()
      // On a timer, not with the blocks: a slot may last a minute, and a running process must keep its lease.
      stopTimer = repeat(clock, RENEW_MS, async () => renew(epoch), deps.onFault)
    } catch (error) {
      deps.onFault(error)
      offerLater()
    }
  }

  function offerLater(): void {
    stopTimer = clock.after(TAKE_OVER_MS, () => {
      offering = offerToProduce()
    })
  }

  function stepDown(epoch: number, reason: unknown): void {
    if (closed || tenure?.epoch !== epoch) return
    deps.onFault(reason)
    stopTimer()
    void tenure.validator.close()
    tenure = null
    ledger.endLease(epoch).catch(deps.onFault)
    offerLater()
  }

  /** Not awaited: a renewal that hangs must not keep the next from saving the lease. */
  function renew(epoch: number): void {
    mempool.drain()
    ledger.renewLease(epoch).then((isOurs) => {
      if (!isOurs) stepDown(epoch, 'another producer has taken over')
    }, deps.onFault)
  }

  const mempool = createDrain(() => (closed ? null : tenure), deps)
  let offering = offerToProduce()
  await offering
  const stopListening = broadcast.listen(MEMPOOL_CHANNEL, mempool.drain, mempool.drain)

  return {
    validator: () => tenure?.validator ?? null,
    async close() {
      closed = true
      stopTimer()
      stopListening()
      await Promise.all([offering, mempool.idle()])
      await tenure?.validator.close()
      if (tenure !== null) await ledger.endLease(tenure.epoch).catch(deps.onFault)
    },
  }
}

/** Drains the shared mempool into the validator, one read at a time; a hint during a read causes one more. */
function createDrain(tenure: () => Tenure | null, { ledger, onFault }: ProducerDeps) {
  let draining: Promise<void> | null = null
  let isAskedAgain = false

  function drain(): void {
    const current = tenure()
    if (current === null) return
    isAskedAgain = draining !== null
    draining ??= take(current)
      .catch(onFault)
      .then(() => {
        draining = null
        if (isAskedAgain) drain()
      })
  }

  async function take({ epoch, validator }: Tenure): Promise<void> {
    // A validator deposed during the read ignores the bytes; their senders send them again.
    for (const wire of await ledger.takeFromMempool(epoch)) validator.receive(signatureOf(wire), wire)
  }

  return { drain, idle: async () => draining }
}

const signatureOf = (wire: Uint8Array) => base58.encode(wire.subarray(0, 64))
