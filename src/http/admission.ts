// Owns admission control at HTTP: an order that would wait too long is denied at once and cheaply.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createAdmission, type Overload } from '../domain/admission.ts'
import type { Stop } from '../timing/clock.ts'
import { createFairTurns } from '../timing/fairTurns.ts'
import type { Random } from '../timing/random.ts'
import { EXECUTE } from './app.ts'
import type { HttpDeps } from './deps.ts'
import { Problem, problemBody, problemHeaders } from './problems.ts'

type AdmissionDeps = Pick<HttpDeps, 'admission' | 'clock' | 'random' | 'observe'>

export type Admission = ReturnType<typeof openAdmission>

/** How often the lateness of the event loop is measured. */
const LOOK_MS = 50
/** Fewer than make Node look for more to read before anything else has its turn: libuv takes 1,024 events at a time. */
const DENIALS_PER_TURN = 800

/** Every order is looked at twice. Both looks count, and both adapt the limit to what they see. */
export function openAdmission({ clock, random, observe, admission }: AdmissionDeps) {
  const { policy, backlog } = admission
  const orders = createAdmission(policy)
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

  function turnAway(): Problem | undefined {
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
    /**
     * The first look, before a body is parsed or a socket is opened, because a denial must cost a fraction of
     * an order. Returns why the order is denied; undefined lets it in.
     */
    turnAway,
    /**
     * The second look, around the store: in between many more requests have passed the first one, and only
     * this one counts the order as waiting. Throws the Problem of an order that is not let in.
     */
    async admit<T>(write: () => Promise<T>): Promise<T> {
      const problem = turnAway()
      if (problem !== undefined) throw problem
      const place = orders.enter(clock.now())
      try {
        return await write()
      } finally {
        orders.leave(place, clock.now())
      }
    },
    close: () => stopTimer(),
  }
}

/** Not before it is over, and not all at once then: up to as long again, and a second, by chance (jitter). */
function retryAfterS({ overInMs }: Overload, random: Random): number {
  const least = Math.max(1, Math.ceil(overInMs / 1_000))
  return least + Math.floor(random.next() * (least + 1))
}

type SheddingDeps = Pick<AdmissionDeps, 'observe'> & {
  readonly admission: Admission
  readonly newRequestId: () => string
  readonly pathOf: (request: IncomingMessage) => string
}

/**
 * Load shedding: answers orders that are turned away before the framework sees them, so that denied requests do not take
 * the time of accepted ones. The answers leave in turns: a thousand connections that come back with the next order at
 * once would otherwise keep Node reading, and never writing to the store.
 */
export function shedOrders(server: Server, { admission, newRequestId, observe, pathOf }: SheddingDeps): void {
  const [serve] = server.listeners('request') as [
    (request: IncomingMessage, response: ServerResponse) => void,
  ]
  const turns = createFairTurns(setImmediate, DENIALS_PER_TURN)
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const problem = isOrder(request, pathOf) ? admission.turnAway() : undefined
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

function isOrder(request: IncomingMessage, pathOf: SheddingDeps['pathOf']): boolean {
  if (request.method !== 'POST') return false
  const path = pathOf(request)
  return path === EXECUTE || path.startsWith(`${EXECUTE}?`)
}
