// Owns arbitrary input: bodies and frames that nobody would think of, and what an engine may make of them. A body gets
// 201 or a problem from the closed table; a socket is closed with a code; nothing hangs.
import fc from 'fast-check'
import { WebSocket } from 'ws'
import { problemTable } from '../../src/http/problems.ts'

const EXECUTE = '/api/orders/execute'
const EXAMPLE = '{ "type": "market", "tokenIn": "A", "tokenOut": "B", "amountIn": 100, "slippage": 0.01 }'
/** Longer than anything takes; what is not there by then hangs. */
const HANGS_MS = 10_000
const AT_ONCE = 8

/** How often each answer came. */
export type Tally = Map<string, number>

export type Amount = { readonly count: number; readonly seed?: number }

const FIELDS = [
  'type',
  'tokenIn',
  'tokenOut',
  'amountIn',
  'slippage',
  'slippageBps',
  'clientOrderId',
] as const
const anything = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
  fc.double({ noNaN: true }),
  fc.bigInt().map(String),
  fc.constantFrom('A', 'B', 'SOL', '1', 0.01, 100, 'market', '', null, -0, 1e308),
)
/** The example with some fields replaced, removed or added. */
const almostOrder = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...FIELDS), anything, { maxKeys: 3 }),
    fc.subarray([...FIELDS], { maxLength: 1 }),
    fc.dictionary(fc.string({ unit: 'binary' }), anything, { maxKeys: 1 }),
  )
  .map(([changed, removed, added]) => {
    const body = { ...JSON.parse(EXAMPLE), ...changed, ...added }
    for (const field of removed) delete body[field]
    return JSON.stringify(body)
  })
/** The example's text with bytes of it overwritten. */
const brokenText = fc
  .array(fc.tuple(fc.nat(EXAMPLE.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
  .map((changes) => {
    const bytes = new Uint8Array(Buffer.from(EXAMPLE))
    for (const [at, byte] of changes) bytes[at] = byte
    return bytes
  })
const body = fc.oneof(almostOrder, brokenText, fc.json(), fc.uint8Array({ maxLength: 200 }))

async function answerTo(url: string, sent: string | Uint8Array): Promise<string> {
  const response = await fetch(`${url}${EXECUTE}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new Uint8Array(Buffer.from(sent)),
    signal: AbortSignal.timeout(HANGS_MS),
  })
  const answer = (await response.json()) as { readonly code?: string; readonly status?: unknown }
  if (response.status === 201) return '201'
  const isTabled =
    answer.code !== undefined && answer.code in problemTable && answer.status === response.status
  if (!isTabled || response.status >= 500)
    throw new Error(`answered ${response.status} ${JSON.stringify(answer)}`)
  return `${response.status} ${answer.code}`
}

/** Sends so many bodies; throws with the seed and the smallest that was answered wrongly. */
export async function fuzzBodies(url: string, { count, ...rest }: Amount): Promise<Tally> {
  const tally: Tally = new Map()
  const bodies = fc.array(body, { minLength: AT_ONCE, maxLength: AT_ONCE })
  await fc.assert(
    fc.asyncProperty(bodies, async (each) => {
      for (const answer of await Promise.all(each.map((sent) => answerTo(url, sent)))) note(tally, answer)
    }),
    { numRuns: Math.ceil(count / AT_ONCE), ...rest },
  )
  return tally
}

const note = (tally: Tally, answer: string) => tally.set(answer, (tally.get(answer) ?? 0) + 1)

const text = fc.oneof(almostOrder, fc.json(), fc.string({ unit: 'binary', maxLength: 100 }))
/** A frame as RFC 6455 (5.2) lays it out, whatever its bits and bytes say; often of text, as most are. */
const frame = fc
  .record({
    first: fc.oneof(fc.constant(0x81), fc.nat(255)),
    payload: fc.oneof(
      text.map((each) => [...Buffer.from(each)]),
      fc.array(fc.nat(255), { maxLength: 200 }),
    ),
    mask: fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }),
  })
  .map(({ first, payload, mask }) => {
    const size = payload.length
    const length = size < 126 ? [0x80 | size] : [0x80 | 126, size >> 8, size & 255]
    return [first, ...length, ...mask, ...payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0))]
  })
const NONSENSE = [0x81, 0x81, 0, 0, 0, 0, 0x78]

/** The code with which a socket is closed that says all this, and then what always ends one. */
function closeCodeOf(url: string, frames: readonly number[][]): Promise<string> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${EXECUTE}`)
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.terminate()
      reject(new Error(`not closed within ${HANGS_MS} ms`))
    }, HANGS_MS)
    socket.on('error', () => {})
    socket.on('open', () => {
      const { _socket: raw } = socket as unknown as { _socket: { write(bytes: Buffer): void } }
      // Three frames that make no sense end any socket that is still open.
      raw.write(Buffer.from([...frames, NONSENSE, NONSENSE, NONSENSE].flat()))
    })
    socket.on('close', (code) => {
      clearTimeout(timer)
      if (code === 1006) reject(new Error('cut off without a close code'))
      else resolve(String(code))
    })
  })
}

/** Says so many frames, a few on each socket; throws with the seed and the fewest after which a socket was not closed well. */
export async function fuzzFrames(url: string, { count, ...rest }: Amount): Promise<Tally> {
  const tally: Tally = new Map()
  const PER_SOCKET = 4
  const frames = fc.array(frame, { minLength: PER_SOCKET, maxLength: PER_SOCKET })
  const sockets = fc.array(frames, { minLength: AT_ONCE, maxLength: AT_ONCE })
  await fc.assert(
    fc.asyncProperty(sockets, async (all) => {
      for (const code of await Promise.all(all.map((each) => closeCodeOf(url, each)))) note(tally, code)
    }),
    { numRuns: Math.ceil(count / PER_SOCKET / AT_ONCE), ...rest },
  )
  return tally
}
