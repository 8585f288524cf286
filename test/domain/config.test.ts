import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig, settings } from '../../src/config.ts'

function faultsOf(env: Record<string, string>, file: string | null = null): string {
  try {
    readConfig(env, file)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  throw new Error('the configuration was accepted')
}

describe('configuration', () => {
  test('needs nothing: the engine runs embedded, on loopback, simulated', () => {
    expect(readConfig({})).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 3000,
      PG_CONN: null,
      REDIS_URL: null,
      ROLE: 'all',
      VENUES: 'simulated',
      SIM_SPEED: 'realistic',
      MAX_ATTEMPTS: 3,
      RETRY_BACKOFF_MS: 1000,
    })
  })

  test('comes from the environment before the file, and from the file before the default', () => {
    const config = readConfig({ PORT: '1', HOST: '' }, 'PORT=2\nHOST=0.0.0.0\nSIM_SEED=7\n# a comment\n')
    expect(config).toMatchObject({ PORT: 1, HOST: '0.0.0.0', SIM_SEED: 7, LOG_LEVEL: 'info' })
  })

  test('names all its faults in one message', () => {
    const message = faultsOf({
      PORT: '99999',
      ROLE: 'boss',
      SIM_DROP_RATE: '2',
      SIM_LANDING_SLOTS: '3-1',
      SIM_VENUE_FAULTS: 'orca=down',
      SIM_SPED: 'instant',
      REDIS_URL: 'redis://127.0.0.1',
    })
    for (const key of [
      'PORT',
      'ROLE',
      'SIM_DROP_RATE',
      'SIM_LANDING_SLOTS',
      'SIM_VENUE_FAULTS',
      'SIM_SPED',
      'PG_CONN',
    ])
      expect(message).toContain(key)
    expect(message.split('\n')).toHaveLength(1)
  })

  test.each([
    ['PORT', ['-1', '65536', '3000.5', '0x10', 'http', ' ']],
    ['ROLE', ['All', 'api,worker']],
    ['VENUES', ['mainnet']],
    ['SIM_CRASH_AT', ['signed', 'signed:0', 'signed:-1', 'SIGNED:1', 'nowhere:1']],
    ['PG_CONN', ['127.0.0.1', 'mysql://x', 'http://x']],
    ['REDIS_URL', ['127.0.0.1:6379', 'postgres://x']],
    ['WORKER_CONCURRENCY', ['0', '1e3']],
    ['MAX_ATTEMPTS', ['0', '11']],
    ['DEFAULT_SLIPPAGE_BPS', ['0', '5001', '0.5']],
    ['LOG_LEVEL', ['verbose']],
    ['SIM_DROP_RATE', ['1.1', '-0.1', '1e-1', 'half', '.']],
    ['SIM_QUOTE_LATENCY_MS', ['60', '60-', '60..180', '180-60']],
    ['SIM_VENUE_FAULTS', ['raydium', 'raydium=broken', 'raydium=down;meteora=slow']],
  ] as const)('refuses a bad %s', (key, values) => {
    for (const value of values) expect(faultsOf({ [key]: value })).toContain(`${key} `)
  })

  test.each([
    ['unknown in the file', {}, 'POTR=1', 'POTR'],
    ['unknown with our prefix in the environment', { SIM_FOO: '1' }, null, 'SIM_FOO'],
    ['Redis without Postgres', { REDIS_URL: 'redis://x' }, null, 'REDIS_URL and PG_CONN go together'],
    ['Postgres without Redis', { PG_CONN: 'postgres://x' }, null, 'REDIS_URL and PG_CONN go together'],
    ['a part of an engine that runs embedded', { ROLE: 'worker' }, null, 'ROLE needs'],
  ])('refuses what is %s', (_what, env, file, said) => {
    expect(faultsOf(env, file)).toContain(said)
  })

  test('lets strangers in the environment be', () => {
    expect(readConfig({ PATH: '/bin', npm_config_x: 'y' })).toMatchObject({ PORT: 3000 })
  })

  test('never repeats a value that may hold a secret', () => {
    const secret = 'hunter2'
    for (const key of Object.keys(settings)) {
      const message = faultsOf({ [key]: `mysql://root:${secret}@host`, PORT: '-1' })
      expect(message).not.toContain(secret)
    }
    expect(faultsOf({}, `UNKNOWN=${secret}`)).not.toContain(secret)
  })

  test('reads what it accepts', () => {
    expect(
      readConfig({
        PG_CONN: 'postgresql://u:p@h/db',
        REDIS_URL: 'rediss://h',
        ALLOWED_ORIGINS: ' https://a.example, https://b.example ,',
        SIM_VENUE_FAULTS: 'raydium=down, meteora=slow',
        SIM_LANDING_SLOTS: '1-3',
        SIM_DROP_RATE: '.5',
        ROLE: 'api',
      }),
    ).toMatchObject({
      ALLOWED_ORIGINS: ['https://a.example', 'https://b.example'],
      SIM_VENUE_FAULTS: { raydium: 'down', meteora: 'slow' },
      SIM_LANDING_SLOTS: { least: 1, most: 3 },
      SIM_DROP_RATE: 0.5,
      ROLE: 'api',
    })
  })

  test('explains each of its settings in one sentence', () => {
    for (const [key, { help }] of Object.entries(settings))
      expect(`${key}: ${help}`).toMatch(/: [A-Za-z].*\.$/)
  })
})
