// The arguments of the keys program, over a real key store. How it runs as a program is test/recovery/keys.test.ts.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CommandFault } from '../../src/cli/faults.ts'
import { runKeys } from '../../src/cli/keys.ts'
import { simulatedTokens } from '../../src/dex/simulated/market.ts'
import type { KeyStore } from '../../src/domain/ports/keys.ts'
import { TokenList, WRAPPED_SOL } from '../../src/domain/token.ts'
import { createKeyStore } from '../../src/store/keyStore.ts'
import { migrate } from '../../src/store/migrations.ts'
import { createSystemRandom, systemClock } from '../../src/timing/system.ts'
import { type Databases, embedded } from '../support/databases.ts'

const USDC = simulatedTokens.find(({ symbol }) => symbol === 'USDC')?.mint ?? ''
const TOKEN = /^oee_([0-9a-f]{16})_[0-9a-f]{64}$/

let database: Databases
let keys: KeyStore

beforeAll(async () => {
  database = await embedded()
  await migrate(database.sql)
  keys = createKeyStore(database.sql, systemClock, createSystemRandom())
})
afterAll(() => database.remove())

/** What the program prints as its answer, and what beside it. */
async function run(...args: readonly string[]) {
  const said = { printed: [] as string[], explained: [] as string[] }
  await runKeys(args, {
    keys,
    tokens: new TokenList(simulatedTokens),
    now: systemClock.now(),
    print: (text) => said.printed.push(text),
    explain: (text) => said.explained.push(text),
  })
  return said
}

test.each([
  [[], /Name a command/],
  [['destroy'], /no such command/],
  [['create'], /--name must/],
  [['create', '--name', ''], /--name must/],
  [['create', '--name', 'a\u001b[31m'], /--name must/],
  [['create', '--name', 'a', '--scopes', 'all'], /--scopes/],
  [['create', '--name', 'a', '--scopes', ''], /--scopes/],
  [['create', '--name', 'a', '--expires', '0d'], /--expires/],
  [['create', '--name', 'a', '--expires', 'tomorrow'], /--expires/],
  [['create', '--name', 'a', '--expires', '2020-01-01T00:00:00Z'], /--expires/],
  [['create', '--name', 'a', '--orders-per-minute', '0'], /--orders-per-minute/],
  [['create', '--name', 'a', '--open-orders', '1.5'], /--open-orders/],
  [['create', '--name', 'a', '--per-order', 'SOL'], /--per-order/],
  [['create', '--name', 'a', '--per-order', 'SOL=1,SOL=2'], /--per-order names a token twice/],
  [['create', '--name', 'a', '--per-day', 'USDC=0.0000001'], /--per-day/],
  [['create', '--name', 'a', '--tokens', 'SOL,DOGE'], /--tokens/],
  [['create', '--name', 'a', '--halt-after-stops', '3'], /--halt-after-stops/],
  [['create', '--name', 'a', '--halt-after-stops', '0/1h/1h'], /--halt-after-stops/],
  [['create', '--name', 'a', '--halt-after-stops', '3/1h/1w'], /--halt-after-stops/],
  [['create', '--name', 'a', '--cooldown', '30'], /--cooldown/],
  [['create', '--name', 'a', '--cooldown', '31d'], /--cooldown/],
  [['create', '--name', 'a', '--max-loss-per-day', 'SOL'], /--max-loss-per-day/],
  [['create', '--name', 'a', '--max-fees-per-day', 'SOL=1'], /--max-fees-per-day/],
  [['create', '--name', 'a', '--max-fees-per-day', '0'], /--max-fees-per-day/],
  [['create', '--name', 'a', '--max-open-positions', '0'], /--max-open-positions/],
  [['create', '--name', 'a', '--key', 'oee_secret'], /cannot be read/],
  [['list', 'oee_secret'], /cannot be read/],
  [['revoke'], /Name the id/],
  [['revoke', 'oee_secret'], /no key/],
] as const)('%j is refused, makes nothing, and no argument is repeated', async (args, said) => {
  const before = await keys.list()
  const refusal = await run(...args).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(CommandFault)
  const { message } = refusal as CommandFault
  expect(message).toMatch(said)
  expect(message).not.toContain('oee_secret')
  expect(await keys.list()).toEqual(before)
})

test('every limit is set as it was given, and listed so', async () => {
  const given = [
    ['--orders-per-minute', '60', '--open-orders', '5'],
    ['--per-order', 'SOL=10,USDC=2000.5', '--per-day', 'SOL=100', '--tokens', 'SOL,USDC'],
  ].flat()
  const { printed } = await run('create', '--name', 'bounded', ...given)
  expect(printed).toEqual([expect.stringMatching(TOKEN)])
  const listed = await run('list')
  expect(listed.printed.join('\n')).toContain(
    'bounded  (orders-per-minute 60; open-orders 5; per-order SOL=10,USDC=2000.5; per-day SOL=100; tokens SOL,USDC)',
  )
})

test('so is every protection', async () => {
  await run(
    ...['create', '--name', 'protected', '--halt-after-stops', '3/60m/36h', '--cooldown', '90s'],
    ...['--max-loss-per-day', 'SOL=1.5,USDC=100', '--max-fees-per-day', '0.05', '--max-open-positions', '3'],
  )
  expect((await keys.list()).at(-1)?.quotas).toEqual({
    haltAfterStops: { stops: 3, withinMs: 3_600_000, haltMs: 129_600_000 },
    cooldownMs: 90_000,
    maxLossPerDay: Object.fromEntries([
      [WRAPPED_SOL, '1500000000'],
      [USDC, '100000000'],
    ]),
    maxFeesPerDay: '50000000',
    maxOpenPositions: 3,
  })
  const listed = await run('list')
  expect(listed.printed.join('\n')).toContain(
    'protected  (halt-after-stops 3/1h/36h; cooldown 90s; max-loss-per-day SOL=1.5,USDC=100; max-fees-per-day 0.05; max-open-positions 3)',
  )
})
