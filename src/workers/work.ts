// Owns the working part of an engine: handles rings, sweeps, and watches landings and finality.

import { type FinalityDeps, openFinalityWatch } from './finalityWatch.ts'
import { type LandingWatch, openLandingWatch } from './landingWatch.ts'
import { createOrderWorker, type WorkerDeps } from './orderWorker.ts'
import { type SweepDeps, startSweep } from './sweep.ts'

export type WorkDeps = Omit<WorkerDeps, 'landings' | 'finality'> & FinalityDeps & SweepDeps

export type Work = Pick<LandingWatch, 'rebroadcasts'> & {
  /** Hands everything over; resolves once nothing is under way. */
  readonly stop: () => Promise<void>
}

export function startWork(deps: WorkDeps): Work {
  const finality = openFinalityWatch(deps)
  const landings = openLandingWatch({ ...deps, finality })
  const processRing = createOrderWorker({ ...deps, finality, landings })
  const stopQueue = deps.queue.work(processRing)
  const stopSweep = startSweep(processRing, deps)
  return {
    rebroadcasts: landings.rebroadcasts,
    async stop() {
      await Promise.all([stopQueue(), stopSweep()])
      await landings.close()
      await finality.close()
    },
  }
}
