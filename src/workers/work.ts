// Owns the working part of an engine: takes rings, sweeps, and watches landings and fills.

import { type Fills, openFills } from './fills.ts'
import { type Landings, openLandings } from './landings.ts'
import { openOrderWorker, type WorkerDeps } from './orderWorker.ts'
import { startSweep } from './sweep.ts'

export type WorkDeps = Omit<WorkerDeps, 'landings' | 'fills'> &
  Parameters<typeof openFills>[0] &
  Parameters<typeof startSweep>[1]

export type Work = Pick<Landings, 'rebroadcasts'> & {
  /** Hands everything over and waits for it. */
  readonly stop: () => Promise<void>
}

export function startWork(deps: WorkDeps): Work {
  const fills: Fills = openFills(deps)
  const landings = openLandings({ ...deps, fills })
  const processRing = openOrderWorker({ ...deps, fills, landings })
  const stopQueue = deps.queue.work(processRing)
  const stopSweep = startSweep(processRing, deps)
  return {
    rebroadcasts: landings.rebroadcasts,
    async stop() {
      await Promise.all([stopQueue(), stopSweep()])
      await landings.close()
      await fills.close()
    },
  }
}
