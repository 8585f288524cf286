// Owns the clients of a run: they place orders, repeat themselves, cancel, and follow.
import { baseUnits, bps } from '../../src/domain/amount.ts'
import type { LoggedEvent } from '../../src/domain/eventCodec.ts'
import { isOpen } from '../../src/domain/lifecycle.ts'
import type { OrderId } from '../../src/domain/order.ts'
import { StaleLog } from '../../src/domain/ports.ts'
import { newOrder } from '../orders.ts'
import type { EngineProcess } from './engine.ts'
import type { Stored } from './invariants.ts'
import type { Life, World } from './world.ts'

/** How often a follower looks whether its process still lives. */
const RECONNECT_MS = 700

/** `someProcess` is one that runs, or undefined while none does. */
export function openClients(world: World, someProcess: (number: number) => EngineProcess | undefined) {
  const told = {
    acknowledged: [] as OrderId[],
    canceled: [] as OrderId[],
    byKey: new Map<string, OrderId[]>(),
    heard: new Map<OrderId, LoggedEvent[]>(),
  }
  const placing = new Set<Life>()

  /** As the submit route does it: durable first, then a ring that may fail. */
  async function place(id: OrderId, idempotencyKey: string | null, number: number): Promise<void> {
    const process = someProcess(number)
    if (process === undefined) return
    const { life, store, queue } = process
    placing.add(life)
    const order = newOrder({
      orderId: id,
      amountIn: baseUnits(1_000_000n),
      slippageBps: bps(100),
      idempotencyKey,
    })
    const created = await store.create(order).catch(() => null)
    placing.delete(life)
    if (created === null || created.kind === 'conflict') return
    const { orderId } = created.order.spec
    told.acknowledged.push(orderId)
    const key = idempotencyKey ?? id
    told.byKey.set(key, [...(told.byKey.get(key) ?? []), orderId])
    if (created.kind === 'created') await queue.ring(id).catch(() => {})
  }

  /** As the cancel route does it: again and again while others move the order on. */
  async function cancel(id: OrderId, number: number): Promise<void> {
    const store = someProcess(number)?.store
    while (store !== undefined) {
      const [log] = await store.open([id]).catch(() => [])
      if (log === undefined || log.order.status === 'submitted' || !isOpen(log.order)) return
      try {
        await log.append({ kind: 'canceled', by: 'local' })
        told.canceled.push(id)
        return
      } catch (error) {
        if (!(error instanceof StaleLog)) return
      }
    }
  }

  /** Follows to the end; when its process dies it resumes elsewhere behind what it has heard. */
  function follow(id: OrderId): void {
    const heard: LoggedEvent[] = []
    let ended = false
    let source: Life | null = null
    told.heard.set(id, heard)
    const look = () => {
      if (ended) return
      const process = source?.isAlive() ? undefined : someProcess(heard.length)
      if (process !== undefined) {
        const { life, store } = process
        source = life
        const unless = (fn: () => void) => life.isAlive() && source === life && fn()
        const end = () => {
          ended = true
        }
        const comeAgain = () =>
          unless(() => {
            source = null
          })
        // Refused before an upgrade, because the order is not there yet or the store did not answer: the client comes again.
        store
          .follow(
            { id, owner: 'local', after: heard.at(-1)?.seq ?? 0 },
            (event) => unless(() => heard.push(event)),
            () => unless(end),
          )
          .then((stop) => stop ?? comeAgain(), comeAgain)
      }
      world.clock.after(RECONNECT_MS, look)
    }
    look()
  }

  return {
    told,
    place,
    cancel,
    follow,
    isPlacing: () => [...placing].some((life) => life.isAlive()),
    /** Whether followers have as many events as there are. */
    haveHeard: (stored: ReadonlyMap<OrderId, Stored>) =>
      [...told.heard].every(([id, heard]) => heard.length >= (stored.get(id)?.events.length ?? 0)),
  }
}
