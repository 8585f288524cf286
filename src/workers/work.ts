// Owns the working part of an engine: takes rings, sweeps, and watches landings and fills.

import { openFinalityWatch } from './finalityWatch.ts'
import { type LandingWatch, openLandingWatch } from './landingWatch.ts'
import { createOrderWorker, type WorkerDeps } from './orderWorker.ts'
import { startSweep } from './sweep.ts'

export type WorkDeps = Omit<WorkerDeps, 'landings' | 'finality'> &
  Parameters<typeof openFinalityWatch>[0] &
  Parameters<typeof startSweep>[1]

export type Work = Pick<LandingWatch, 'rebroadcasts'> & {
  /** Hands everything over and waits for it. */
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
