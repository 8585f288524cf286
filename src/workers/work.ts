// Owns the working part of an engine: handles rings, sweeps, and watches the market, landings and finality.

import type { OrderId } from '../domain/spec.ts'
import { type FinalityDeps, openFinalityWatch } from './finalityWatch.ts'
import { type LandingWatch, openLandingWatch } from './landingWatch.ts'
import { createLooks, createSight, type SightDeps } from './looks.ts'
import { type MarketWatchDeps, openMarketWatch } from './marketWatch.ts'
import type { WorkerDeps } from './orderWorker.ts'
import { createPrices } from './prices.ts'
import { createRingHandler } from './rings.ts'
import { type SweepDeps, startSweep } from './sweep.ts'

export type WorkDeps = Omit<WorkerDeps, 'landings' | 'finality' | 'looks'> &
  FinalityDeps &
  SweepDeps &
  SightDeps &
  Pick<MarketWatchDeps, 'watchers' | 'nextTurn'>

export type Work = Pick<LandingWatch, 'rebroadcasts'> & {
  /** Takes rings and sweeps, until the function that it returns is called: that one hands over what is under way. */
  start(): () => Promise<void>
  /** Ends the watches, once nothing is taken any more. */
  close(): Promise<void>
}

export function openWork(deps: WorkDeps): Work {
  const finality = openFinalityWatch(deps)
  const landings = openLandingWatch({ ...deps, finality })
  const looks = createLooks(deps, createSight(deps))
  const processRing = createRingHandler({ ...deps, finality, landings, looks })
  const processAll = async (ids: readonly OrderId[]): Promise<void> => void (await processRing(ids))
  return {
    rebroadcasts: landings.rebroadcasts,
    start() {
      const stopQueue = deps.queue.work(processAll)
      const stopSweep = startSweep(processAll, deps)
      const watch = openMarketWatch(processRing, {
        ...deps,
        looks,
        resting: deps.store.resting,
        pricesFor: createPrices(deps),
        intermediates: deps.routing.intermediates,
      })
      return async () => {
        await Promise.all([stopQueue(), stopSweep(), watch.close()])
      }
    },
    async close() {
      await landings.close()
      await finality.close()
    },
  }
}
