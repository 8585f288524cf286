// Owns configuration: environment → Config, once. All faults are reported together; secrets are never printed.
// biome-ignore-all lint/style/noExcessiveLinesPerFile: a table, each setting with its meaning.

import { parseEnvFile } from './config/envFile.ts'
import { postgresUrl, withPassword } from './config/postgresUrl.ts'
import {
  addresses,
  autoOr,
  host,
  integer,
  list,
  oneOf,
  origins,
  publicUrl,
  type Read,
  range,
  redisUrl,
  share,
  text,
} from './config/readers.ts'
import { MAX_SLIPPAGE_BPS } from './domain/amount.ts'
import { type VenueFault, venueFaults } from './domain/ports/simulation.ts'
import { type VenueName, venueNames } from './domain/route.ts'

type VenueFaults = Readonly<Partial<Record<VenueName, VenueFault>>>

type Setting<T> = {
  readonly read: Read<T>
  /** The default, as text. With null, an absent key leaves the setting null. */
  readonly otherwise: string | null
  readonly help: string
}

/** Every key there is. `.env.example` and the tables of docs/configuration.md are generated from it. */
export const settings = {
  HOST: { read: host, otherwise: '127.0.0.1', help: 'The address on which the engine listens.' },
  PORT: {
    read: integer(0, 65_535),
    otherwise: '3000',
    help: 'The port on which the engine listens; 0 takes a free one.',
  },
  REDIS_URL: {
    read: redisUrl,
    otherwise: null,
    help: 'The Redis server of the queue. Set it together with PG_CONN to run distributed.',
  },
  PG_CONN: {
    read: postgresUrl,
    otherwise: null,
    help: 'The Postgres server that stores the orders. Without it the engine runs embedded, on a database of its own in DATA_DIR.',
  },
  PGPASSWORD: {
    read: text,
    otherwise: null,
    help: 'The password for PG_CONN, if the URL holds none. It is taken literally, so it may hold any characters.',
  },
  DATA_DIR: {
    read: text,
    otherwise: './data',
    help: 'The folder of the embedded database. One process uses it at a time, and writes nothing outside it.',
  },
  ROLE: {
    read: oneOf('all', 'api', 'worker'),
    otherwise: 'all',
    help: 'What this process does: api accepts orders, worker executes them, all does both. The embedded runtime needs all.',
  },
  VENUES: {
    read: oneOf('simulated'),
    otherwise: 'simulated',
    help: 'Where orders trade. Version 0.1.0 has simulated venues on a simulated chain.',
  },
  QUEUE_PREFIX: {
    read: text,
    otherwise: '{oee}',
    help: 'Separates several engines on one Redis. The braces keep all keys in one hash slot of a cluster.',
  },
  WORKER_CONCURRENCY: {
    read: integer(1, 100_000),
    otherwise: '500',
    help: 'The most orders that one process works on at once.',
  },
  MAX_ATTEMPTS: {
    read: integer(1, 10),
    otherwise: '3',
    help: 'How many attempts an order gets before it fails.',
  },
  RETRY_BACKOFF_MS: {
    read: integer(1, 600_000),
    otherwise: '1000',
    help: 'The wait before the second attempt. It doubles for each attempt after that.',
  },
  QUOTE_TIMEOUT_MS: {
    read: integer(1, 60_000),
    otherwise: '1000',
    help: 'The deadline for a venue to answer. A venue that misses it is left out of the route.',
  },
  QUOTE_HEDGE_MS: {
    read: integer(1, 60_000),
    otherwise: '250',
    help: 'How long an order waits for the slower venue once the faster one has given a usable route.',
  },
  BREAKER_FAILURES: {
    read: integer(1, 1_000),
    otherwise: '5',
    help: 'How many failures in a row open the circuit breaker of a venue.',
  },
  BREAKER_OPEN_MS: {
    read: integer(1, 60_000),
    otherwise: '1000',
    help: 'How long a circuit breaker stays open before one order probes the venue.',
  },
  QUOTE_MAX_AGE_MS: {
    read: integer(1, 600_000),
    otherwise: '3000',
    help: 'The oldest route that may be signed. An older one is quoted again first.',
  },
  ROUTE_MAX_LEGS: {
    read: integer(1, 4),
    otherwise: '2',
    help: 'The most swaps that one route may hold. Two always fit one transaction.',
  },
  ROUTE_THROUGH: {
    read: list,
    otherwise: 'SOL,USDC,USDT',
    help: 'The intermediate tokens that a route may pass through, separated by commas.',
  },
  ROUTE_HOP_BUFFER_BPS: {
    read: integer(0, 1_000),
    otherwise: '20',
    help: 'How far the first of two hops may fall short of its quote before the transaction reverts. Never more than the slippage of the order.',
  },
  ROUTE_LEG_COST_LAMPORTS: {
    read: integer(0, 1_000_000_000),
    otherwise: '5000',
    help: 'What each swap of a route costs besides its pool fee. A leg is added only if it gains more than this.',
  },
  REBROADCAST_MS: {
    read: integer(10, 60_000),
    otherwise: '2000',
    help: 'How often a swap that has not landed is sent again.',
  },
  DEFAULT_SLIPPAGE_BPS: {
    read: integer(1, MAX_SLIPPAGE_BPS),
    otherwise: '50',
    help: 'The slippage of an order that names none.',
  },
  MAX_RESTING_ORDERS: {
    read: integer(1, 10_000_000),
    otherwise: '200000',
    help: 'The most orders that may rest, waiting for a price. They count towards no other limit.',
  },
  DEFAULT_EXPIRY_DAYS: {
    read: integer(1, 3_650),
    otherwise: '30',
    help: 'When an order that waits for a price ends by itself, if it does not say; MAX_EXPIRY_DAYS if that is sooner.',
  },
  MAX_EXPIRY_DAYS: {
    read: integer(1, 3_650),
    otherwise: '365',
    help: 'The longest time that an order may wait for a price.',
  },
  ORDER_LEASE_MS: {
    read: integer(100, 600_000),
    otherwise: '4000',
    help: 'How long an open order may stand still before the sweep rings for it.',
  },
  SWEEP_MS: {
    read: integer(50, 60_000),
    otherwise: '1000',
    help: 'How often the sweep looks for overdue orders.',
  },
  REQUEST_TIMEOUT_MS: {
    read: integer(100, 600_000),
    otherwise: '10000',
    help: 'How long a request may take to arrive completely, and an upgrade to finish.',
  },
  ANSWER_TARGET_MS: {
    read: integer(1, 60_000),
    otherwise: '10',
    help: 'The target wait of a new order for its answer. While every wait is longer and orders are being denied, fewer are admitted.',
  },
  MAX_WAITING_ORDERS: {
    read: integer(1, 100_000),
    otherwise: '256',
    help: 'The most orders that may wait for their answer at once. Further orders are denied.',
  },
  MAX_QUEUE_AGE_MS: {
    read: integer(1, 600_000),
    otherwise: '3000',
    help: 'The longest that accepted orders may wait for a worker. Beyond it new orders are denied.',
  },
  MAX_OPEN_ORDERS: {
    read: integer(1, 1_000_000),
    otherwise: '50000',
    help: 'The most orders that may be open at once, resting ones apart. Further orders are denied.',
  },
  MAX_CONNECTIONS: {
    read: integer(1, 1_000_000),
    otherwise: '15000',
    help: 'The most connections at once. Further connections are closed.',
  },
  REQUESTS_PER_MINUTE: {
    read: integer(0, 1_000_000),
    otherwise: '0',
    help: 'The most requests that one address may make in a minute; 0 sets no limit.',
  },
  FAILED_KEYS_PER_MINUTE: {
    read: autoOr(integer(0, 1_000_000)),
    otherwise: 'auto',
    help: 'The most requests without a valid key that one address may make in a minute; 0 sets no limit. auto is 60, and no limit on loopback.',
  },
  SOCKETS_PER_ADDRESS: {
    read: autoOr(integer(0, 1_000_000)),
    otherwise: 'auto',
    help: 'The most streams that one address may hold open, sockets and server-sent events together; 0 sets no limit. auto is 1000, and no limit on loopback.',
  },
  PUBLIC_URL: {
    read: publicUrl,
    otherwise: null,
    help: 'The address and path at which clients reach the engine, if it stands behind a proxy.',
  },
  TRUSTED_PROXIES: {
    read: addresses,
    otherwise: '',
    help: 'The proxies whose X-Forwarded-* and Forwarded headers are believed, separated by commas.',
  },
  ALLOWED_ORIGINS: {
    read: origins,
    otherwise: '',
    help: 'The foreign web origins whose pages may use the API (CORS), separated by commas.',
  },
  REQUIRE_API_KEYS: {
    read: oneOf('auto', 'always'),
    otherwise: 'auto',
    help: 'When requests need an API key: always, or (auto) as soon as HOST is not loopback.',
  },
  LOG_LEVEL: {
    read: oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent'),
    otherwise: 'info',
    help: 'The lowest level that is logged.',
  },
  SIM_SPEED: {
    read: oneOf('realistic', 'instant'),
    otherwise: 'realistic',
    help: 'realistic waits as long as mainnet would; instant does not wait.',
  },
  SIM_SEED: {
    read: integer(0, 2 ** 31 - 1),
    otherwise: '1',
    help: 'The seed of the market. The same seed gives the same market.',
  },
  SIM_SLOT_MS: { read: integer(1, 60_000), otherwise: '400', help: 'The length of a slot.' },
  SIM_QUOTE_LATENCY_MS: {
    read: range,
    otherwise: '60-180',
    help: 'How long a venue takes to quote, if SIM_SPEED is realistic.',
  },
  SIM_LANDING_SLOTS: {
    read: range,
    otherwise: '1-3',
    help: 'How many slots pass between sending and landing, if SIM_SPEED is realistic.',
  },
  SIM_BLOCKHASH_BLOCKS: {
    read: integer(1, 100_000),
    otherwise: '150',
    help: 'How many blocks a signed swap stays valid.',
  },
  SIM_FINALITY_BLOCKS: {
    read: integer(0, 1_000),
    otherwise: '32',
    help: 'How many blocks finality trails behind the newest block.',
  },
  SIM_DROP_RATE: {
    read: share,
    otherwise: '0',
    help: 'The share of sent transactions that vanish silently.',
  },
  SIM_SEND_ERROR_RATE: {
    read: share,
    otherwise: '0',
    help: 'The share of sent transactions that arrive, but report an error to their sender.',
  },
  SIM_LAG_SLOTS: {
    read: integer(0, 1_000),
    otherwise: '0',
    help: 'How many slots the queried node lags behind.',
  },
  SIM_LAG_RATE: {
    read: share,
    otherwise: '1',
    help: 'The share of queries that the lagging node answers. Below 1, two nodes disagree.',
  },
  SIM_FORK_RATE: {
    read: share,
    otherwise: '0',
    help: 'The share of slots that begin with a fork (reorg). It undoes the last two blocks, unless they are final.',
  },
  SIM_WICK_RATE: {
    read: share,
    otherwise: '0',
    help: 'The share of slots in which a price is pushed 5 to 40 % away, to come back in the next slot.',
  },
  SIM_GAP_RATE: {
    read: share,
    otherwise: '0',
    help: 'The share of slots in which a price jumps by 5 to 40 % and stays there.',
  },
  SIM_VENUE_FAULTS: {
    read: faultsOfVenues,
    otherwise: '',
    help: `The venues that misbehave, each in one way of ${venueFaults.join(', ')}.`,
  },
} as const satisfies Record<string, Setting<unknown>>

export type Key = keyof typeof settings

export type Config = {
  readonly [K in Key]: ReturnType<(typeof settings)[K]['read']> | ((typeof settings)[K]['otherwise'] & null)
}

/** Thrown with one message that names every fault of the configuration. */
export class ConfigError extends Error {}

type Env = Readonly<Record<string, string | undefined>>

/**
 * Reads the configuration from the environment first, and from the text of a `.env` file second. An unknown key is a
 * fault, in the file or, if it begins with SIM_, in the environment: a misspelled setting must not be ignored.
 */
export function readConfig(env: Env, envFile: string | null = null): Config {
  const file = parseEnvFile(envFile ?? '')
  const fromFile: Env = file.values
  const faults = [...file.faults]
  const known = new Set<string>(Object.keys(settings))
  const candidates = [...Object.keys(fromFile), ...Object.keys(env).filter((key) => key.startsWith('SIM_'))]
  for (const key of new Set(candidates))
    if (!known.has(key)) faults.push(`${key} is not a setting of this engine`)

  const config: Record<string, unknown> = {}
  for (const [key, setting] of Object.entries<Setting<unknown>>(settings)) {
    const given = unquoted(key, env[key]) || fromFile[key] || setting.otherwise
    try {
      config[key] = given === null ? null : setting.read(given)
    } catch (error) {
      faults.push(`${key} ${(error as Error).message}`)
    }
  }
  if ((config.REDIS_URL === null) !== (config.PG_CONN === null)) {
    faults.push('REDIS_URL and PG_CONN go together: set both to run distributed, none to run embedded')
  }
  if (config.PG_CONN === null && config.ROLE !== 'all') faults.push('ROLE needs REDIS_URL and PG_CONN')
  if (faults.length > 0) throw new ConfigError(`Configuration: ${faults.join('; ')}.`)
  const { PG_CONN, PGPASSWORD } = config as Config
  if (PG_CONN === null || PGPASSWORD === null) return config as Config
  return { ...config, PG_CONN: withPassword(PG_CONN, PGPASSWORD) } as Config
}

/**
 * A value of the environment without surrounding quotes, spaces and line ends: `docker run --env-file` leaves them in. A
 * password is taken as it is.
 */
function unquoted(key: string, value: string | undefined): string | undefined {
  if (value === undefined || key === 'PGPASSWORD') return value?.replace(/[\r\n]+$/, '')
  const trimmed = value.trim()
  // A blank value is kept, so that it is read and reported as a fault.
  return /^(["'])(.*)\1$/.exec(trimmed)?.[2] ?? (trimmed || value)
}

/** Whether only this machine can connect. */
const isLoopback = ({ HOST }: Pick<Config, 'HOST'>) => /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(HOST)

/** Whether requests need a key: as soon as other machines can connect. */
export function requiresKey(config: Pick<Config, 'HOST' | 'REQUIRE_API_KEYS'>): boolean {
  return config.REQUIRE_API_KEYS === 'always' || !isLoopback(config)
}

/** The limits of one client address; null is no limit. */
export function addressLimits(config: Config) {
  const limit = (value: number | 'auto', otherwise: number) =>
    value === 'auto' ? (isLoopback(config) ? null : otherwise) : value === 0 ? null : value
  return {
    requestsPerMinute: limit(config.REQUESTS_PER_MINUTE, 0),
    failedKeysPerMinute: limit(config.FAILED_KEYS_PER_MINUTE, 60),
    sockets: limit(config.SOCKETS_PER_ADDRESS, 1_000),
  }
}

// ---- readers ------------------------------------------------------------------------------------------------------

function faultsOfVenues(value: string): VenueFaults {
  const faults = list(value).map((item) => {
    const [venueName, faultName, more] = item.split('=')
    const venue = venueNames.find((name) => name === venueName)
    const fault = venueFaults.find((name) => name === faultName)
    if (venue === undefined || fault === undefined || more !== undefined)
      throw new Error('must look like raydium=down,meteora=slow')
    return [venue, fault]
  })
  return Object.fromEntries(faults) as VenueFaults
}
