// A new producer of blocks on the simulated chain knows what landed before it, and loses nothing of what is sent to it.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SimulatedChain, SimulatedChainOptions } from '../../src/dex/simulated/chain.ts'
import type { Sql } from '../../src/domain/ports/sql.ts'
import { openPglite } from '../../src/store/embedded/pglite.ts'
import { landedFor, openProducer, passSlots, settled, signed } from '../dex/simulatedChains.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { type ManualClock, manualClock } from '../support/manualClock.ts'

let folder: Awaited<ReturnType<typeof freshFolder>>
let sql: Sql
let clock: ManualClock
let chain: SimulatedChain
let faults: unknown[]

beforeEach(async () => {
  folder = await freshFolder()
  sql = await openPglite(folder.database)
  clock = manualClock()
  faults = []
  chain = await openProducer(sql, clock)
})

afterEach(async () => {
  await chain.close()
  await sql.close()
  folder.remove()
})

async function takeOver(options: Partial<SimulatedChainOptions> = {}): Promise<void> {
  await chain.close()
  chain = await openProducer(sql, clock, { onFault: (error) => faults.push(error), ...options })
}

test('a swap that landed before the takeover and is sent again lands once, and holds nothing up', async () => {
  const [early, late] = [await signed(chain), await signed(chain)]
  await chain.send(early.swap)
  await passSlots(chain, clock, 2)
  expect(await settled(chain, early)).toMatchObject({ kind: 'landed' })
  await takeOver()
  await chain.send(early.swap)
  await chain.send(late.swap)
  await passSlots(chain, clock, 2)
  expect(await settled(chain, late)).toMatchObject({ kind: 'landed' })
  expect(await landedFor(chain, early)).toHaveLength(1)
  expect(faults).toEqual([])
})

test('a swap that was sent and had not landed before the takeover lands when it is sent again', async () => {
  await takeOver({ landingSlots: { least: 4, most: 4 } })
  const watched = await signed(chain)
  await chain.send(watched.swap)
  await takeOver()
  await chain.send(watched.swap)
  await passSlots(chain, clock, 2)
  expect(await settled(chain, watched)).toMatchObject({ kind: 'landed' })
  expect(await landedFor(chain, watched)).toHaveLength(1)
  expect(faults).toEqual([])
})
