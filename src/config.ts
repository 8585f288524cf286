// Owns configuration: environment → Config, once. All faults are reported together; secrets are never printed.

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
import { type VenueName, venueNames } from './domain/route.ts'

/** What may be the matter with a simulated venue. */
const FAULTS = [
  'down',
  'slow',
  'late',
  'limited',
  'flapping',
  'stale',
  'wrong',
  'zero',
  'negative',
  'nan',
] as const
type VenueFaults = Readonly<Partial<Record<VenueName, (typeof FAULTS)[number]>>>

type Setting<T> = {
  readonly read: Read<T>
  /** The value as text when the key is absent; null makes the setting absent too. */
  readonly otherwise: string | null
  readonly help: string
}

/** Every key there is. `.env.example` and the README's table are checked against it. */
export const settings = {
  HOST: { read: host, otherwise: '127.0.0.1', help: 'Address to listen on.' },
  PORT: { read: integer(0, 65_535), otherwise: '3000', help: 'Port to listen on; 0 takes a free one.' },
  REDIS_URL: {
    read: redisUrl,
    otherwise: null,
    help: 'Redis for the queue. Needs PG_CONN too.',
  },
  PG_CONN: {
    read: postgresUrl,
    otherwise: null,
    help: 'Postgres for the orders. Without it the engine runs embedded, on a database of its own in DATA_DIR.',
  },
  PGPASSWORD: {
    read: text,
    otherwise: null,
    help: 'Password for PG_CONN when that holds none; of any characters, and as it is.',
  },
  DATA_DIR: {
    read: text,
    otherwise: './data',
    help: 'Folder of the embedded database, for one process at a time; nothing is written beside it.',
  },
  ROLE: {
    read: oneOf('all', 'api', 'worker'),
    otherwise: 'all',
    help: 'What this process does. Embedded it does all.',
  },
  VENUES: {
    read: oneOf('simulated'),
    otherwise: 'simulated',
    help: 'Where orders trade: on simulated venues and a simulated chain.',
  },
  QUEUE_PREFIX: {
    read: text,
    otherwise: '{oee}',
    help: 'Keeps several engines apart on one Redis. In braces, so that all keys lie in one slot of a cluster.',
  },
  WORKER_CONCURRENCY: { read: integer(1, 100_000), otherwise: '500', help: 'Orders worked on at once.' },
  MAX_ATTEMPTS: { read: integer(1, 10), otherwise: '3', help: 'Attempts an order gets.' },
  RETRY_BACKOFF_MS: {
    read: integer(1, 600_000),
    otherwise: '1000',
    help: 'Wait before the second attempt; doubles each time.',
  },
  QUOTE_TIMEOUT_MS: {
    read: integer(1, 60_000),
    otherwise: '1000',
    help: 'A venue that is later is left out.',
  },
  QUOTE_HEDGE_MS: {
    read: integer(1, 60_000),
    otherwise: '250',
    help: 'How long an order waits for the other venue once one has answered, if that makes a route.',
  },
  BREAKER_FAILURES: {
    read: integer(1, 1_000),
    otherwise: '5',
    help: 'Failures in a row after which a venue is left alone.',
  },
  BREAKER_OPEN_MS: {
    read: integer(1, 60_000),
    otherwise: '1000',
    help: 'How long it is left alone before one order tries it again.',
  },
  QUOTE_MAX_AGE_MS: {
    read: integer(1, 600_000),
    otherwise: '3000',
    help: 'A route older than this is quoted again before it is signed.',
  },
  ROUTE_MAX_LEGS: {
    read: integer(1, 4),
    otherwise: '2',
    help: 'Swaps that one route may hold; two surely fit one transaction.',
  },
  ROUTE_THROUGH: {
    read: list,
    otherwise: 'SOL,USDC,USDT',
    help: 'Tokens through which a route may go, separated by commas.',
  },
  ROUTE_HOP_BUFFER_BPS: {
    read: integer(0, 1_000),
    otherwise: '20',
    help: 'How far the first of two hops may fall short of its quote before the swap reverts; at most the slippage.',
  },
  ROUTE_LEG_COST_LAMPORTS: {
    read: integer(0, 1_000_000_000),
    otherwise: '5000',
    help: 'What each swap of a route costs beside its pool fee; a leg must be worth it.',
  },
  REBROADCAST_MS: {
    read: integer(10, 60_000),
    otherwise: '2000',
    help: 'Sends an unlanded swap again this often.',
  },
  DEFAULT_SLIPPAGE_BPS: {
    read: integer(1, MAX_SLIPPAGE_BPS),
    otherwise: '50',
    help: 'Slippage when an order names none.',
  },
  ORDER_LEASE_MS: {
    read: integer(100, 600_000),
    otherwise: '4000',
    help: 'How long an order may stand still before the sweep looks after it.',
  },
  SWEEP_MS: { read: integer(50, 60_000), otherwise: '1000', help: 'How often the sweep looks.' },
  REQUEST_TIMEOUT_MS: {
    read: integer(100, 600_000),
    otherwise: '10000',
    help: 'How long a request may take to arrive, a half-done upgrade included.',
  },
  ANSWER_TARGET_MS: {
    read: integer(1, 60_000),
    otherwise: '10',
    help: 'How long orders may wait for their answer; while all wait longer and some are refused, fewer are let in.',
  },
  MAX_WAITING_ORDERS: {
    read: integer(1, 100_000),
    otherwise: '256',
    help: 'Orders that may wait for their answer at once; further ones are refused.',
  },
  MAX_QUEUE_AGE_MS: {
    read: integer(1, 600_000),
    otherwise: '3000',
    help: 'New orders are refused while those accepted wait longer than this for a worker.',
  },
  MAX_OPEN_ORDERS: {
    read: integer(1, 1_000_000),
    otherwise: '50000',
    help: 'New orders are refused while so many are open.',
  },
  MAX_CONNECTIONS: {
    read: integer(1, 1_000_000),
    otherwise: '15000',
    help: 'Connections at once; further ones are closed.',
  },
  REQUESTS_PER_MINUTE: {
    read: integer(0, 1_000_000),
    otherwise: '0',
    help: 'Requests that one address may make in a minute; 0: any number.',
  },
  FAILED_KEYS_PER_MINUTE: {
    read: autoOr(integer(0, 1_000_000)),
    otherwise: 'auto',
    help: 'Requests without a valid key that one address may make in a minute; 0: any number; auto: 60, on loopback any.',
  },
  SOCKETS_PER_ADDRESS: {
    read: autoOr(integer(0, 1_000_000)),
    otherwise: 'auto',
    help: 'Open sockets that one address may have; 0: any number; auto: 1000, on loopback any.',
  },
  PUBLIC_URL: {
    read: publicUrl,
    otherwise: null,
    help: 'Where clients reach the engine, if not where it listens: behind a proxy, its address and path.',
  },
  TRUSTED_PROXIES: {
    read: addresses,
    otherwise: '',
    help: 'Addresses of proxies whose X-Forwarded-* and Forwarded are believed, separated by commas.',
  },
  ALLOWED_ORIGINS: {
    read: origins,
    otherwise: '',
    help: 'Web origins besides our own whose pages may use the API, separated by commas.',
  },
  REQUIRE_API_KEYS: {
    read: oneOf('auto', 'always'),
    otherwise: 'auto',
    help: 'Whether every request needs an API key; auto: as soon as HOST lets other machines in.',
  },
  LOG_LEVEL: {
    read: oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent'),
    otherwise: 'info',
    help: 'Least level to log.',
  },
  SIM_SPEED: {
    read: oneOf('realistic', 'instant'),
    otherwise: 'realistic',
    help: 'realistic waits as mainnet would; instant does not wait.',
  },
  SIM_SEED: { read: integer(0, 2 ** 31 - 1), otherwise: '1', help: 'Same seed, same market.' },
  SIM_SLOT_MS: { read: integer(1, 60_000), otherwise: '400', help: 'Length of a slot.' },
  SIM_QUOTE_LATENCY_MS: { read: range, otherwise: '60-180', help: 'How long a quote takes (realistic).' },
  SIM_LANDING_SLOTS: { read: range, otherwise: '1-3', help: 'Slots from sending to landing (realistic).' },
  SIM_BLOCKHASH_BLOCKS: {
    read: integer(1, 100_000),
    otherwise: '150',
    help: 'Blocks a signed swap stays valid.',
  },
  SIM_FINALITY_BLOCKS: { read: integer(0, 1_000), otherwise: '32', help: 'Blocks by which finality trails.' },
  SIM_DROP_RATE: { read: share, otherwise: '0', help: 'Share of sends that vanish silently.' },
  SIM_SEND_ERROR_RATE: {
    read: share,
    otherwise: '0',
    help: 'Share of sends that arrive but report an error.',
  },
  SIM_LAG_SLOTS: { read: integer(0, 1_000), otherwise: '0', help: 'Slots by which the node we ask lags.' },
  SIM_LAG_RATE: {
    read: share,
    otherwise: '1',
    help: 'Share of questions that the lagging node answers; below 1 two nodes disagree.',
  },
  SIM_FORK_RATE: {
    read: share,
    otherwise: '0',
    help: 'Share of slots in which a fork undoes the last two blocks, as far as they are not final.',
  },
  SIM_VENUE_FAULTS: {
    read: venueFaults,
    otherwise: '',
    help: `Venues in trouble, each one of ${FAULTS.join(', ')}.`,
  },
} as const satisfies Record<string, Setting<unknown>>

export type Key = keyof typeof settings

export type Config = {
  readonly [K in Key]: ReturnType<(typeof settings)[K]['read']> | ((typeof settings)[K]['otherwise'] & null)
}

/** Thrown with one message that names everything wrong with the configuration. */
export class ConfigError extends Error {}

type Env = Readonly<Record<string, string | undefined>>

/**
 * Reads the configuration from the environment and, below it, the text of a `.env` file. An unknown key in the file, or
 * one that begins with SIM_ in the environment, is a fault: a misspelled setting must not be ignored.
 */
export function readConfig(env: Env, envFile: string | null = null): Config {
  const file = parseEnvFile(envFile ?? '')
  const fromFile: Env = file.values
  const faults = [...file.faults]
  const known = new Set<string>(Object.keys(settings))
  const strangers = [...Object.keys(fromFile), ...Object.keys(env).filter((key) => key.startsWith('SIM_'))]
  for (const key of new Set(strangers))
    if (!known.has(key)) faults.push(`${key} is no setting of this engine`)

  const config: Record<string, unknown> = {}
  for (const [key, setting] of Object.entries<Setting<unknown>>(settings)) {
    const given = asMeant(key, env[key]) || fromFile[key] || setting.otherwise
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
 * What was meant by a value of the environment: files that are read line by line, as by `docker run --env-file`, leave the
 * quotes, the spaces and the end of the line in it. A password is taken as it is.
 */
function asMeant(key: string, value: string | undefined): string | undefined {
  if (value === undefined || key === 'PGPASSWORD') return value?.replace(/[\r\n]+$/, '')
  const trimmed = value.trim()
  // Blank is no value, and not the same as none.
  return /^(["'])(.*)\1$/.exec(trimmed)?.[2] ?? (trimmed || value)
}

/** Whether only this machine is let in. */
const isLoopback = ({ HOST }: Pick<Config, 'HOST'>) => /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(HOST)

/** Whether requests need a key: whoever is let in from elsewhere has to say who they are. */
export function requiresKey(config: Pick<Config, 'HOST' | 'REQUIRE_API_KEYS'>): boolean {
  return config.REQUIRE_API_KEYS === 'always' || !isLoopback(config)
}

/** What one address may do; null is any number. */
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

function venueFaults(value: string): VenueFaults {
  const faults = list(value).map((item) => {
    const [venueName, faultName, more] = item.split('=')
    const venue = venueNames.find((name) => name === venueName)
    const fault = FAULTS.find((name) => name === faultName)
    if (venue === undefined || fault === undefined || more !== undefined)
      throw new Error('must look like raydium=down,meteora=slow')
    return [venue, fault]
  })
  return Object.fromEntries(faults) as VenueFaults
}
