// The stand-ins of the schedules keep the contracts of the ports they stand in for, as long as no fate befalls them. The
// venues keep only how a venue quotes: each has one pool, which sells A for B at one price, and lists nothing.
import { describe } from 'vitest'
import type { Chain } from '../../src/domain/ports/chain.ts'
import { venueNames } from '../../src/domain/route.ts'
import { type ChainUnderTest, chainContract } from '../contracts/chainContract.ts'
import { quotingContract } from '../contracts/venueContract.ts'
import { tokenCalled } from '../support/orders.ts'
import { BLOCKHASH_BLOCKS, FINALITY_BLOCKS, openFakeChain, SLOT_MS } from './chain.ts'
import { fakeVenue } from './venues.ts'
import { openWorld, startLife } from './world.ts'

const SEED = 1
const noFate = () => null

function openWithLife() {
  const world = openWorld(SEED, null, null)
  return { world, life: startLife(world, 'tester', 0) }
}

/** Time passes only while something is asked. */
function openStandIn(): ChainUnderTest {
  const { world, life } = openWithLife()
  const fake = openFakeChain(world, noFate, () => true)
  const client = fake.clientOf(life)
  const chain: Chain = {
    sign: (plan) => world.live(client.sign(plan)),
    send: (swap) => world.live(client.send(swap)),
    landings: (watched) => world.live(client.landings(watched)),
    finality: (swaps) => world.live(client.finality(swaps)),
    blockHeight: () => world.live(client.blockHeight()),
    onLanding: client.onLanding,
    ping: client.ping,
  }
  return {
    chain,
    blockhashBlocks: BLOCKHASH_BLOCKS,
    finalityBlocks: FINALITY_BLOCKS,
    async planFor({ orderId, tokenIn, tokenOut, amountIn }, { asksTooMuch }) {
      const minAmountOut =
        fake.worth(amountIn, tokenIn.mint === tokenCalled('A').mint) * (asksTooMuch ? 2n : 1n)
      return { orderId, tokenIn, tokenOut, amountIn, minAmountOut, swaps: [] }
    },
    passBlocks: (blocks) =>
      world.live(new Promise((resolve) => world.clock.after(blocks * SLOT_MS, () => resolve()))),
    async close() {},
  }
}

describe('the chain of the schedules', () => chainContract(async () => openStandIn()))

for (const name of venueNames) {
  describe(`the venue ${name} of the schedules`, () => {
    quotingContract(() => {
      const { world, life } = openWithLife()
      const venue = fakeVenue({ name, shortBps: 10n }, life, (amountIn) => amountIn * 4n, noFate)
      const poolsFor: typeof venue.poolsFor = (query) => world.live(venue.poolsFor(query))
      const [tokenIn, tokenOut] = [tokenCalled('A'), tokenCalled('B')]
      return { venue: { ...venue, poolsFor }, tokenIn, tokenOut, amountIn: 100_000_000n }
    })
  })
}
