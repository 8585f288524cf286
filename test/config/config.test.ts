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
    ['PG_CONN', ['127.0.0.1', 'mysql://x', 'http://x']],
    ['HOST', ['http://0.0.0.0', '0.0.0.0:3000', 'localhost:3000', '[::1]:3000', 'a b', '*', '/run/x', 'a/b']],
    [
      'REDIS_URL',
      [
        '127.0.0.1:6379',
        'postgres://x',
        'redis:h',
        'redis:///run/redis.sock',
        'redis://h/name',
        'redis://:canary#x@h',
        'redis://u:5?canary@h',
        'redis://u:5/canary@h',
        'redis://u:canary%@h',
      ],
    ],
    ['WORKER_CONCURRENCY', ['0', '1e3']],
    ['MAX_ATTEMPTS', ['0', '11']],
    ['DEFAULT_SLIPPAGE_BPS', ['0', '5001', '0.5']],
    ['LOG_LEVEL', ['verbose']],
    ['SIM_DROP_RATE', ['1.1', '-0.1', '1e-1', 'half', '.']],
    ['SIM_QUOTE_LATENCY_MS', ['60', '60-', '60..180', '180-60']],
    ['SIM_VENUE_FAULTS', ['raydium', 'raydium=broken', 'raydium=down;meteora=slow']],
  ] as const)('refuses a bad %s', (key, values) => {
    for (const value of values) {
      expect(faultsOf({ [key]: value })).toContain(`${key} `)
      expect(faultsOf({ [key]: value })).not.toContain('canary')
    }
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

describe('a value of the environment is what was meant', () => {
  test.each([
    ['PORT', ' 3001', 3001],
    ['PORT', '3001\r', 3001],
    ['PORT', '3001\n', 3001],
    ['PORT', '"3001"', 3001],
    ['PORT', "'3001'", 3001],
    ['PORT', '""', 3000],
    ['PORT', '', 3000],
    ['HOST', '"0.0.0.0" ', '0.0.0.0'],
    ['HOST', '[::1]', '::1'],
    ['HOST', 'fe80::1%eth0', 'fe80::1%eth0'],
    ['HOST', 'my_host.internal', 'my_host.internal'],
    ['DATA_DIR', ' "/data/my orders"\r', '/data/my orders'],
    ['DATA_DIR', `/it's "here"`, `/it's "here"`],
    ['ROLE', 'all ', 'all'],
    ['PGPASSWORD', ' "a" ', ' "a" '],
  ])('%s=%j', (key, given, value) => {
    expect(readConfig({ [key]: given })).toMatchObject({ [key]: value })
  })
})

describe('.env', () => {
  test.each([
    ['a byte order mark', '\uFEFFPORT=3001', 3001],
    ['lines as Windows ends them', 'LOG_LEVEL=warn\r\nPORT=3001\r\n', 3001],
    ['lines as old Macs ended them', 'LOG_LEVEL=warn\rPORT=3001\r', 3001],
    ['export', 'export PORT=3001', 3001],
    ['spaces around =', '  PORT = 3001  ', 3001],
    ['double quotes', 'PORT="3001"', 3001],
    ['single quotes', "PORT='3001'", 3001],
    ['backticks', 'PORT=`3001`', 3001],
    ['a comment behind it', 'PORT=3001 # here', 3001],
    ['a comment behind quotes', 'PORT="3001" # here', 3001],
    ['a comment instead of a value', 'PORT= # here', 3000],
    ['no value', 'PORT=', 3000],
    ['no last line end, and empty lines', '\n\n  \n# x\n  # y\nPORT=3001', 3001],
  ])('may have %s', (_what, text, port) => {
    expect(readConfig({}, text)).toMatchObject({ PORT: port })
  })

  test.each([
    ['PGPASSWORD=a#b', 'a#b'],
    ['PGPASSWORD=#b', '#b'],
    ['PGPASSWORD=a=b', 'a=b'],
    ['PGPASSWORD="a # b"', 'a # b'],
    ["PGPASSWORD='a\"b'", 'a"b'],
    [`PGPASSWORD='$\{b}'`, `$\{b}`],
    ['PGPASSWORD=a$b', 'a$b'],
    ['PGPASSWORD="a\\nb"', 'a\\nb'],
  ])('keeps a value: %s', (text, value) => {
    expect(readConfig({}, text)).toMatchObject({ PGPASSWORD: value })
  })

  test.each([
    ['PORT: 3001', 'line 1 of .env is not KEY=value'],
    ['\n# x\nPORT 3001', 'line 3 of .env is not KEY=value'],
    ['PORT', 'line 1 of .env is not KEY=value'],
    ['=hunter2', 'line 1 of .env is not KEY=value'],
    ['set PORT=3001', 'line 1 of .env is not KEY=value'],
    ['{"PORT": 3001}', 'line 1 of .env is not KEY=value'],
    ['PGPASSWORD="hunter2', 'line 1 of .env has a value that does not end with its quote'],
    ['PGPASSWORD="hunter2"x', 'line 1 of .env has a value that does not end with its quote'],
    ['PGPASSWORD="hunter2\nmore"', 'line 1 of .env has a value that does not end with its quote'],
    [`PG_CONN=postgres://u:$\{hunter2}@h/db`, 'line 1 of .env refers to another value'],
  ])('with a line that means nothing is refused: %j', (text, said) => {
    const fault = faultsOf({}, text)
    expect(fault).toContain(said)
    expect(fault).not.toContain('hunter2')
  })
})
