// Owns the door that new orders come through: it is shut, at once and cheaply, to those that would wait too long.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { type AdmissionPolicy, type Backlog, createAdmission, type Overload } from '../domain/admission.ts'
import type { Observe } from '../observe.ts'
import type { Clock, Stop } from '../timing/clock.ts'
import { createFairTurns } from '../timing/fairTurns.ts'
import type { Random } from '../timing/random.ts'
import { Problem, problemBody, problemHeaders } from './problems.ts'

/** Where orders are placed. */
export const EXECUTE = '/api/orders/execute'

export type DoorDeps = {
  readonly clock: Clock
  readonly random: Random
  readonly observe: Observe
  readonly admission: AdmissionPolicy
  /** What has been taken on and is not done, in all processes. */
  backlog(): Backlog
}

export type Door = ReturnType<typeof openAdmissionDoor>

/** How often the event loop is asked how late it is. */
const LOOK_MS = 50
/** Fewer than make Node look for more to read before anything else has its turn: libuv takes 1,024 events at a time. */
const REFUSALS_PER_TURN = 800

export function openAdmissionDoor({ clock, random, observe, admission, backlog }: DoorDeps) {
  const orders = createAdmission(admission)
  let stopTimer: Stop = () => {}

  function look(): void {
    const due = clock.now() + LOOK_MS
    stopTimer = clock.after(LOOK_MS, () => {
      const now = clock.now()
      orders.delayed(now - due, now)
      observe.load({ ...orders.state(now), ...backlog() })
      look()
    })
  }
  look()

  /** Why no further order is let in; undefined when one is. */
  function refusal(): Problem | undefined {
    const overload = orders.overload(clock.now(), backlog())
    if (overload === null) return undefined
    observe.orderRefused(overload.cause)
    const seconds = retryAfterS(overload, random)
    return new Problem('overloaded', {
      detail: `try again in ${seconds} s`,
      headers: { 'retry-after': String(seconds) },
    })
  }

  return {
    refusal,
    /** Does what an order waits for, and counts it as waiting until then; throws a Problem instead when it is not let in. */
    async within<T>(work: () => Promise<T>): Promise<T> {
      const problem = refusal()
      if (problem !== undefined) throw problem
      const place = orders.enter(clock.now())
      try {
        return await work()
      } finally {
        orders.leave(place, clock.now())
      }
    },
    close: () => stopTimer(),
  }
}

/** Not before it is over, and not all at once then: up to as long again, and a second, by chance. */
function retryAfterS({ overInMs }: Overload, random: Random): number {
  const least = Math.max(1, Math.ceil(overInMs / 1_000))
  return least + Math.floor(random.next() * (least + 1))
}

type GuardDeps = Pick<DoorDeps, 'observe'> & {
  readonly door: Door
  readonly newRequestId: () => string
  readonly pathOf: (request: IncomingMessage) => string
}

/**
 * Answers orders that are not let in before any route, hook or key is looked at: a refusal must cost a fraction of an order,
 * or those who are refused would take the time of those who are not. And they are answered in turns: a thousand connections
 * that come back with the next order as soon as they hear would keep Node reading, and never writing to the store.
 */
export function guard(server: Server, { door, newRequestId, observe, pathOf }: GuardDeps): void {
  const [serve] = server.listeners('request') as [
    (request: IncomingMessage, response: ServerResponse) => void,
  ]
  const turns = createFairTurns(setImmediate, REFUSALS_PER_TURN)
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const problem = isOrder(request, pathOf) ? door.refusal() : undefined
    if (problem === undefined) serve(request, response)
    else turns.take(() => answer(response, problem))
  })

  function answer(response: ServerResponse, problem: Problem): void {
    const requestId = newRequestId()
    observe.denied(problem.code, requestId)
    const body = problemBody(problem, requestId, EXECUTE)
    const text = JSON.stringify(body)
    response.writeHead(body.status, {
      'content-length': String(Buffer.byteLength(text)),
      ...problemHeaders(problem),
    })
    response.end(text)
  }
}

function isOrder(request: IncomingMessage, pathOf: GuardDeps['pathOf']): boolean {
  if (request.method !== 'POST') return false
  const path = pathOf(request)
  return path === EXECUTE || path.startsWith(`${EXECUTE}?`)
}
