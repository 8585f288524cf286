// Overload, as a process of its own: `flood.ts '<Flood as JSON>'` prints one line, its FloodResult as JSON. An open loop: orders
// are sent at a constant rate whatever the answers, and each answer is timed from when its order was due.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, type Line, openLines, orderIdOf, requests, type Spread, spread, watch } from './load.ts'

export type Flood = {
  readonly url: string
  readonly connections: number
  /** Orders a second, and for how long, one phase after the other. */
  readonly phases: readonly { readonly name: string; readonly rate: number; readonly seconds: number }[]
  /** How many of the accepted ones are watched until they end. */
  readonly watchPerSecond: number
}

export type PhaseResult = {
  readonly name: string
  readonly rate: number
  readonly seconds: number
  /** How often each HTTP status came; 0 stands for a broken connection. */
  readonly answers: Readonly<Record<string, number>>
  readonly acceptedMs: Spread
  readonly refusedMs: Spread
  readonly confirmedMs: Spread
  /** Denials without Retry-After. */
  readonly withoutRetryAfter: number
  /** When, in ms since the phase began, the last order was due that was refused; null when none was. */
  readonly lastRefusedMs: number | null
  /** Of the watched ones: when they were due, in ms since the phase began, and how long they took to be confirmed. */
  readonly confirmed: readonly { readonly dueMs: number; readonly tookMs: number }[]
}

export type FloodResult = { readonly phases: readonly PhaseResult[]; readonly cpuUsPerRequest: number }

const now = () => performance.timeOrigin + performance.now()

async function flood({ url: address, connections, phases, watchPerSecond }: Flood): Promise<FloodResult> {
  const url = new URL(address)
  const bodies = requests(url)
  const idle = await openLines(url, connections)
  // An unused connection would be closed after a while; after its first request it counts as kept alive.
  const greeting = Buffer.from(`GET /healthz HTTP/1.1\r\nhost: ${url.host}\r\n\r\n`)
  await Promise.all(idle.map((line) => line.post(greeting)))
  const late: ((line: Line) => void)[] = []
  const watching: Promise<void>[] = []
  let sent = 0

  async function post(dueMs: number, answered: (answer: Answer, tookMs: number) => void): Promise<void> {
    const line = idle.pop() ?? (await new Promise<Line>((resolve) => late.push(resolve)))
    sent += 1
    const answer = await line.post(bodies[sent & 1 ? 1 : 0])
    answered(answer, now() - dueMs)
    const next = late.shift()
    if (next) next(line)
    else idle.push(line)
  }

  async function run({ name, rate, seconds }: Flood['phases'][number]) {
    const answers: Record<string, number> = {}
    const [accepted, refused]: [number[], number[]] = [[], []]
    const confirmed: { dueMs: number; tookMs: number }[] = []
    let withoutRetryAfter = 0
    let lastRefusedMs: number | null = null
    const startMs = now()
    let watched = 0

    const answered = (dueMs: number) => (answer: Answer, tookMs: number) => {
      answers[answer.status] = (answers[answer.status] ?? 0) + 1
      if (answer.status === 503) {
        refused.push(tookMs)
        lastRefusedMs = Math.max(lastRefusedMs ?? 0, dueMs - startMs)
        if (!/\r\nretry-after: *[1-9]/i.test(answer.head)) withoutRetryAfter += 1
      }
      if (answer.status !== 201) return
      accepted.push(tookMs)
      if (watched > ((dueMs - startMs) * watchPerSecond) / 1_000) return
      watched += 1
      watching.push(
        watch(url, orderIdOf(answer)).then(({ status, atMs }) => {
          if (status === 'confirmed') confirmed.push({ dueMs: dueMs - startMs, tookMs: atMs - dueMs })
        }),
      )
    }

    const open: Promise<void>[] = []
    const total = rate * seconds
    while (open.length < total) {
      const due = Math.min(total, Math.floor(((now() - startMs) * rate) / 1_000) + 1)
      for (let index = open.length; index < due; index += 1) {
        const dueMs = startMs + (index * 1_000) / rate
        open.push(post(dueMs, answered(dueMs)))
      }
      await sleep(Math.max(1, startMs + (open.length * 1_000) / rate - now()))
    }
    return async (): Promise<PhaseResult> => {
      await Promise.all(open)
      return {
        name,
        rate,
        seconds,
        answers,
        acceptedMs: spread(accepted),
        refusedMs: spread(refused),
        confirmedMs: spread(confirmed.map(({ tookMs }) => tookMs)),
        withoutRetryAfter,
        lastRefusedMs,
        confirmed,
      }
    }
  }

  const cpuBefore = process.cpuUsage()
  // A phase begins when the one before has been sent, not answered: that is when a burst is over.
  const ends: (() => Promise<PhaseResult>)[] = []
  for (const phase of phases) ends.push(await run(phase))
  await Promise.all(watching)
  const results = await Promise.all(ends.map((end) => end()))
  const { user, system } = process.cpuUsage(cpuBefore)
  return { phases: results, cpuUsPerRequest: (user + system) / sent }
}

const result = await flood(JSON.parse(process.argv[2] ?? ''))
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit())
