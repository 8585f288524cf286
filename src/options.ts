// Owns what each part of the engine is given of the configuration.

import { addressLimits, type Config, ConfigError, requiresKey } from './config.ts'
import { type TokenList, WRAPPED_SOL } from './domain/token.ts'

/** How often to look in the log for fills whose process died. */
const LOOK_BACK_MS = 60_000
/** Orders kept for the worker of the process that accepted them. */
const MAX_RECENT = 50_000

export const isEmbedded = (config: Config) => config.PG_CONN === null

export const storeOptions = (config: Config) => ({
  leaseMs: config.ORDER_LEASE_MS,
  isSoleProcess: isEmbedded(config),
  keepRecent: config.ROLE === 'all' ? MAX_RECENT : 0,
})

export const keyOptions = (config: Config) => ({ requiresKey: requiresKey(config) })

export const backlogOptions = (config: Config) => ({
  maxOpen: config.MAX_OPEN_ORDERS,
  reads: config.ROLE !== 'worker',
})

export const simulationOptions = (config: Config) => ({
  isInstant: config.SIM_SPEED === 'instant',
  seed: config.SIM_SEED,
  slotMs: config.SIM_SLOT_MS,
  landingSlots: config.SIM_LANDING_SLOTS,
  latencyMs: config.SIM_QUOTE_LATENCY_MS,
  faults: {
    venues: { raydium: null, meteora: null, ...config.SIM_VENUE_FAULTS },
    dropRate: config.SIM_DROP_RATE,
    sendErrorRate: config.SIM_SEND_ERROR_RATE,
  },
  lagSlots: config.SIM_LAG_SLOTS,
  lagRate: config.SIM_LAG_RATE,
  forkRate: config.SIM_FORK_RATE,
  wickRate: config.SIM_WICK_RATE,
  gapRate: config.SIM_GAP_RATE,
  blockhashBlocks: config.SIM_BLOCKHASH_BLOCKS,
  finalityBlocks: config.SIM_FINALITY_BLOCKS,
  produces: config.ROLE !== 'api',
  isSoleProcess: isEmbedded(config),
})

/** Throws a ConfigError for an unknown token to route through. */
export function routerOptions(config: Config, tokens: TokenList) {
  const intermediates = config.ROUTE_THROUGH.map((name) => {
    const token = tokens.find(name)
    if (token === undefined) throw new ConfigError(`ROUTE_THROUGH: ${name} is not a token known here.`)
    return token.mint
  })
  return {
    quoteTimeoutMs: config.QUOTE_TIMEOUT_MS,
    quoteHedgeMs: config.QUOTE_HEDGE_MS,
    routing: {
      intermediates,
      maxLegs: config.ROUTE_MAX_LEGS,
      hopBufferBps: config.ROUTE_HOP_BUFFER_BPS,
      legCostLamports: BigInt(config.ROUTE_LEG_COST_LAMPORTS),
      feeMint: WRAPPED_SOL,
    },
  }
}

export const breakerPolicy = (config: Config) => ({
  failures: config.BREAKER_FAILURES,
  openMs: config.BREAKER_OPEN_MS,
})

/** The pace of a world decides how often landings are asked for, and when fills are final. */
export const workOptions = (
  config: Config,
  { slotMs, finalityMs }: { readonly slotMs: number; readonly finalityMs: number },
) => ({
  retry: { maxAttempts: config.MAX_ATTEMPTS, backoffMs: config.RETRY_BACKOFF_MS, jitter: 0.2 },
  landingPollMs: slotMs,
  finalityMs,
  rebroadcastMs: config.REBROADCAST_MS,
  quoteMaxAgeMs: config.QUOTE_MAX_AGE_MS,
  lookBackMs: LOOK_BACK_MS,
  sweepMs: config.SWEEP_MS,
  isSoleProcess: isEmbedded(config),
})

const DAY_MS = 86_400_000

export const restingOptions = (config: Config) => ({
  expiry: {
    defaultMs: Math.min(config.DEFAULT_EXPIRY_DAYS, config.MAX_EXPIRY_DAYS) * DAY_MS,
    mostMs: config.MAX_EXPIRY_DAYS * DAY_MS,
  },
  maxRestingOrders: config.MAX_RESTING_ORDERS,
})

export const accessOptions = (config: Config) => ({
  allowedOrigins: config.ALLOWED_ORIGINS,
  addressLimits: addressLimits(config),
  maxConnections: config.MAX_CONNECTIONS,
  requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
  trustedProxies: config.TRUSTED_PROXIES,
  publicUrl: config.PUBLIC_URL,
})

export const admissionPolicy = (config: Config) => ({
  answerTargetMs: config.ANSWER_TARGET_MS,
  maxWaiting: config.MAX_WAITING_ORDERS,
  maxQueueAgeMs: config.MAX_QUEUE_AGE_MS,
  maxOpen: config.MAX_OPEN_ORDERS,
})
