// Owns what the doctor says of Redis. Orders do not live there: a fault costs time, and a server that takes no writes costs
// every new order.

import type { RedisFacts } from '../../domain/ports/survey.ts'
import { bytes, type Check, checksOf } from './check.ts'
import { clockCheck } from './clocks.ts'

const group = checksOf('redis')
const { pass, warn, fail } = group
/** As BullMQ recommends; older ones lack commands that it uses. */
const OLDEST = [6, 2] as const
const MAY_NOT_ASK = 'this user may not ask for it (NOPERM)'

export function redisChecks(facts: RedisFacts): readonly Check[] {
  return [
    pass('reachable', 'it answers'),
    ...version(facts),
    ...role(facts),
    eviction(facts),
    ...memory(facts),
    persistence(facts),
    ...saving(facts),
    ...(facts.clock === null ? [] : [clockCheck(facts.clock, 'Redis', group)]),
  ]
}

function version({ version }: RedisFacts): Check[] {
  if (version === null)
    return [warn('version', MAY_NOT_ASK, 'allow it the command INFO, or look there yourself')]
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [least, lesser] = OLDEST
  if (major > least || (major === least && minor >= lesser)) return [pass('version', version)]
  return [fail('version', `${version} is too old`, `use Redis ${OLDEST.join('.')} or newer`)]
}

function role({ isReplica }: RedisFacts): Check[] {
  if (isReplica !== true) return []
  return [fail('role', 'is a replica, which takes no writes', 'set REDIS_URL to its master')]
}

function eviction({ evictionPolicy: policy }: RedisFacts): Check {
  const name = 'eviction'
  if (policy === null) return warn(name, MAY_NOT_ASK, 'see that maxmemory-policy is noeviction')
  if (policy === 'noeviction') return pass(name, 'noeviction')
  return fail(
    name,
    `maxmemory-policy is ${policy}: Redis may evict jobs of the queue, and orders then wait for the sweep`,
    'redis-cli config set maxmemory-policy noeviction, and the same in redis.conf',
  )
}

const FULL = 0.9

function memory({ maxMemoryBytes: most, usedMemoryBytes: used }: RedisFacts): Check[] {
  if (most === null || used === null) return []
  if (most === 0) return [pass('memory', `${bytes(used)} used, no maxmemory`)]
  const found = `${bytes(used)} of maxmemory ${bytes(most)} used`
  if (used < FULL * most) return [pass('memory', found)]
  const next =
    'raise maxmemory: once it is full Redis refuses writes, and new orders get 503 queue_unavailable'
  return [used < most ? warn('memory', found, next) : fail('memory', found, next)]
}

function persistence({ appendOnly, snapshots }: RedisFacts): Check {
  const name = 'persistence'
  if (appendOnly === true) return pass(name, 'appendonly yes')
  const next =
    'redis-cli config set appendonly yes, and appendonly yes with appendfsync everysec in redis.conf'
  if (appendOnly === null) return warn(name, MAY_NOT_ASK, 'see that appendonly is yes')
  if (snapshots === '') {
    return warn(
      name,
      'nothing is kept (appendonly no, save ""): a restart of Redis empties the queue, and orders then wait for the sweep',
      next,
    )
  }
  return warn(
    name,
    `only snapshots are kept (save ${snapshots ?? 'unknown'}, appendonly no): a restart of Redis loses the jobs since the last, and their orders then wait for the sweep`,
    next,
  )
}

function saving({ hasSaved }: RedisFacts): Check[] {
  if (hasSaved !== false) return []
  return [
    fail(
      'saving',
      'the last write to its disk failed, so that Redis refuses writes',
      'look into its log; make room on its disk, or give it the right to write there',
    ),
  ]
}

/** Faults of the connection, by what the driver or the server says. */
const SENTENCES: readonly (readonly [said: RegExp, found: string, next: string])[] = [
  [/ENOTFOUND|EAI_AGAIN/, 'the host of REDIS_URL does not resolve', 'check its name'],
  [
    /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EADDRNOTAVAIL/,
    'Redis cannot be reached',
    'check host and port of REDIS_URL, and that the server runs and listens there',
  ],
  [
    /NOAUTH/,
    'Redis asks for a password, and REDIS_URL holds none',
    'add it: redis://user:password@host:port',
  ],
  [
    /WRONGPASS|invalid (username-)?password/,
    'Redis refuses the password',
    'check user and password of REDIS_URL',
  ],
  [
    /NOPERM/,
    'the user of REDIS_URL lacks a right',
    'docs/operations.md#redis lists those that the engine needs',
  ],
  [
    /DB index|SELECT is not allowed/,
    'the database that REDIS_URL names does not exist',
    'correct its number',
  ],
  [/LOADING/, 'Redis still loads its data', 'wait, and run the doctor again'],
  [
    /timed out|timeout/i,
    'Redis does not answer in time',
    'check host and port of REDIS_URL, and the network in between',
  ],
  [
    /Protocol error|ECONNRESET|EPIPE|closed|ERR_SSL|EPROTO/i,
    'the server of REDIS_URL is not Redis, or speaks TLS where REDIS_URL does not (rediss:)',
    'check the port and the scheme',
  ],
]

export function redisFault(error: Error & { code?: string }): Check {
  const said = `${error.code ?? ''} ${error.message}`
  const [, found, next] = SENTENCES.find(([known]) => known.test(said)) ?? [
    null,
    `Redis answers: ${error.message}`,
    'check REDIS_URL',
  ]
  return fail('reachable', found, next)
}
