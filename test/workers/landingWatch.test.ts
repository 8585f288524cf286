// A submitted swap is sent again for as long as nobody knows what became of it, whatever the chain answers.
import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { Landing } from '../../src/domain/ports/chain.ts'
import { createObserve } from '../../src/observe.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { openLandingWatch } from '../../src/workers/landingWatch.ts'
import { manualClock } from '../support/manualClock.ts'
import { answering, openMemoryTables } from '../support/memoryTables.ts'
import { drafts, newOrder } from '../support/orders.ts'

const POLL_MS = 400
const REBROADCAST_MS = 2_000

const unused = (): never => {
  throw new Error('a watch for landings does not ask this')
}

/** How often a swap is sent again within ten seconds, on a chain that answers as `says` tells it. */
async function sentAgain(says: () => Promise<readonly Landing[]>, wasSentHere = true): Promise<number> {
  const clock = manualClock()
  const options = { leaseMs: 1_000, isSoleProcess: true, keepRecent: 0, onEvent: () => {} }
  const store = openOrderStore(answering(openMemoryTables().tables), noBroadcast, clock, options)
  const order = newOrder()
  await store.create(order)
  const [log] = await store.open([order.spec.orderId])
  if (log === undefined) throw new Error('the order was created')
  await Promise.all([drafts.triggered, drafts.routed, drafts.submitted].map((draft) => log.append(draft)))
  let sends = 0
  const landings = openLandingWatch({
    clock,
    observe: createObserve(pino({ level: 'silent' }), clock),
    random: { next: unused, bytes: unused },
    retry: { maxAttempts: 3, backoffMs: 500, jitter: 0 },
    queue: { ring: unused, work: unused, isAvailable: unused, ping: unused },
    finality: { watch: unused },
    chain: {
      sign: unused,
      finality: unused,
      blockHeight: unused,
      ping: unused,
      onLanding: () => () => {},
      landings: says,
      async send() {
        sends += 1
      },
    },
    landingPollMs: POLL_MS,
    rebroadcastMs: REBROADCAST_MS,
  })
  landings.watch(log, { sentAt: wasSentHere ? clock.now() : null })
  for (let passed = 0; passed < 10_000; passed += POLL_MS) {
    clock.advance(POLL_MS)
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  store.close()
  return sends
}

const answers: Readonly<Record<string, () => Promise<readonly Landing[]>>> = {
  'says that it does not know': async () => [{ kind: 'unknown' }],
  'answers with an error': () => Promise.reject(new Error('503')),
  'does not answer': () => new Promise(() => {}),
}

for (const [name, says] of Object.entries(answers)) {
  test(`a swap is sent again every REBROADCAST_MS while the chain ${name}`, async () => {
    expect(await sentAgain(says)).toBe(10_000 / REBROADCAST_MS)
  })

  test(`a swap found in the log is sent within a poll, and again as often, while the chain ${name}`, async () => {
    expect(await sentAgain(says, false)).toBe(10_000 / REBROADCAST_MS)
  })
}
