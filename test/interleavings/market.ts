// Owns two venues that quote, refuse, break down or fall silent, and a doorbell that is lost, late or rung twice.
import type { RoutablePool } from '../../src/domain/curve.ts'
import type { OrderId, VenueName } from '../../src/domain/order.ts'
import type { OrderQueue, Venue } from '../../src/domain/ports.ts'
import { specOf } from '../orders.ts'
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
    async routable() {
      const luck = fate()
      const pool = await life.call(`ask ${name}`, () => poolPaying(name, worth, 10_000n - shortBps, luck))
      if (luck === 'is down') throw new Error('connection refused')
      return luck === 'is silent' ? new Promise(() => {}) : [pool]
    },
    swapInstruction: () => ({ programId: name, accounts: [], data: new Uint8Array() }),
  }
}

/** One pool with a constant price, as far as it has liquidity at all. */
function poolPaying(
  venue: VenueName,
  worth: (amountIn: bigint) => bigint,
  keptBps: bigint,
  luck: QuoteFate,
): RoutablePool {
  const { tokenIn: tokenA, tokenOut: tokenB } = specOf()
  const payFor = (amountIn: bigint) => (worth(amountIn) * keptBps) / 10_000n
  const price = Number(payFor(1_000_000_000n)) / 1_000_000_000
  return {
    venue,
    pool: `${venue} pool`,
    program: 'constant price',
    tokenA,
    tokenB,
    slot: 1,
    quote: (_aToB, amountIn) =>
      luck === 'refuses'
        ? { kind: 'refused', reason: 'insufficient_liquidity', detail: 'the pool is shallow' }
        : { kind: 'quoted', amountOut: payFor(amountIn), fee: 1n, feeOnInput: true },
    segments: () =>
      luck === 'refuses' ? [] : [{ price, depth: Number.POSITIVE_INFINITY, capIn: Number.MAX_SAFE_INTEGER }],
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
