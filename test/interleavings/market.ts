// Owns two venues that quote, refuse, break down or fall silent, and a doorbell that is lost, late or rung twice.
import { baseUnits } from '../../src/domain/amount.ts'
import type { OrderId, PoolQuote, VenueName } from '../../src/domain/order.ts'
import type { OrderQueue, Venue } from '../../src/domain/ports.ts'
import type { Life, World } from './world.ts'

export type QuoteFate = 'quotes' | 'refuses' | 'is down' | 'is silent'

/** A venue that pays `shortBps` less than the chain says the input is worth. */
export function fakeVenue(
  name: VenueName,
  shortBps: bigint,
  life: Life,
  worth: (amountIn: bigint) => bigint,
  fate: () => QuoteFate,
): Venue {
  return {
    name,
    pools: async () => [],
    async quote({ amountIn, tokenIn }) {
      const luck = fate()
      const quote: PoolQuote = await life.call(`quote ${name}`, () => ({
        venue: name,
        pool: `${name} pool`,
        program: 'constant product',
        amountIn,
        amountOut: baseUnits((worth(amountIn) * (10_000n - shortBps)) / 10_000n),
        fee: baseUnits(1n),
        feeToken: tokenIn,
        priceImpactBps: 1,
        slot: 1,
      }))
      if (luck === 'quotes') return [quote]
      if (luck === 'refuses') return { code: 'insufficient_liquidity', detail: 'the pool is shallow' }
      if (luck === 'is down') throw new Error('connection refused')
      return new Promise(() => {})
    },
    swapInstruction: () => ({ programId: name, accounts: [], data: new Uint8Array() }),
  }
}

/** `everybody`: each worker is told of every order there is. */
export type RingFate =
  | 'once'
  | 'twice'
  | 'everybody'
  | 'late'
  | 'lost'
  | 'refused'
  | 'taken, but reports an error'

const LATE_MS = 3_000

type Handler = (ids: readonly OrderId[]) => Promise<void>

export type Doorbell = { queueOf(life: Life): OrderQueue }

export function openDoorbell(
  world: World,
  fate: () => RingFate,
  everything: () => readonly OrderId[],
): Doorbell {
  const workers: { readonly life: Life; readonly handle: Handler }[] = []
  let turn = 0

  async function deliver(ids: readonly OrderId[]): Promise<void> {
    await world.step('the bell rings')
    const alive = workers.filter(({ life }) => life.isAlive())
    turn += 1
    await alive[turn % alive.length]?.handle(ids)
  }

  function ring(id: OrderId, delayMs: number): void {
    const luck = fate()
    if (luck === 'refused') throw new Error('the queue is away')
    const lateMs = luck === 'late' ? LATE_MS : 0
    world.clock.after(delayMs + lateMs, () => {
      if (luck !== 'lost') void deliver([id])
      if (luck === 'twice') void deliver([id])
      if (luck === 'everybody') for (const _ of workers) void deliver(everything())
    })
    if (luck === 'taken, but reports an error') throw new Error('the queue did not answer')
  }

  return {
    queueOf: (life) => ({
      ring: (id, delayMs = 0) => life.call('ring', () => ring(id, delayMs)),
      work(handle) {
        workers.push({ life, handle })
        return async () => {}
      },
      isAvailable: () => true,
      ping: async () => {},
    }),
  }
}
