// Owns what passes between processes: a doorbell that is lost, late or rung twice, and hints that some do not hear.

import type { Broadcast } from '../../src/domain/ports/broadcast.ts'
import type { OrderQueue } from '../../src/domain/ports/queue.ts'
import type { OrderId } from '../../src/domain/spec.ts'
import type { fatesIn } from './plan.ts'
import type { Life, World } from './world.ts'

const LATE_MS = 3_000

type Handler = (ids: readonly OrderId[]) => Promise<void>

export type Bell = { queueOf(life: Life): OrderQueue }

/** `everything` names every order there is: somebody may be told of all of them. */
export function openBell(
  world: World,
  fateOf: ReturnType<typeof fatesIn>,
  everything: () => readonly OrderId[],
): Bell {
  const workers: { readonly life: Life; readonly handle: Handler }[] = []

  function deliver(ids: readonly OrderId[]): void {
    const alive = workers.filter(({ life }) => life.isAlive())
    const worker = alive[world.chance.below(alive.length)]
    if (worker === undefined) return
    world.note(() => `the bell rings in ${worker.life.name}`)
    worker.life.clock.after(0, () => void worker.handle(ids))
  }

  function ring(id: OrderId, delayMs: number): void {
    const fate = fateOf('ring')
    if (fate !== null) world.note(() => `the ring is: ${fate}`)
    if (fate === 'refused') throw new Error('the queue is away')
    world.clock.after(delayMs + (fate === 'late' ? LATE_MS : 0), () => {
      if (fate !== 'lost') deliver([id])
      if (fate === 'twice') deliver([id])
      if (fate === 'everybody') for (const _ of workers) deliver(everything())
    })
    if (fate === 'taken, but reports an error') throw new Error('the queue did not answer')
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

type Listener = { readonly life: Life; readonly channel: string; readonly onText: (text: string) => void }

/** Hints between the processes of one engine. A process does not hear its own. */
export function openHints(world: World, fateOf: ReturnType<typeof fatesIn>): (life: Life) => Broadcast {
  const listeners = new Set<Listener>()
  return (life) => ({
    tell(channel, text) {
      for (const listener of listeners) {
        if (listener.life === life || listener.channel !== channel || fateOf('hint') === 'lost') continue
        listener.life.clock.after(world.chance.below(20), () => listener.onText(text))
      }
    },
    listen(channel, onText) {
      const listener = { life, channel, onText }
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  })
}
