// Owns the examples of requests that the documentation shows. Each is taken as it stands by an engine of the simulated world.

const A_FOR_B = { tokenIn: 'A', tokenOut: 'B', amountIn: '100', slippageBps: 100 }
const stop = { type: 'stop', trigger: { price: '3.5' } }
const takeProfit = { type: 'takeProfit', trigger: { price: '5' } }

/** By what they show. */
type Examples = Readonly<Record<string, object>>

const orders: Examples = {
  market: { type: 'market', tokenIn: 'A', tokenOut: 'B', amountIn: 100, slippage: 0.01 },
  limit: { type: 'limit', ...A_FOR_B, limitPrice: '4.5' },
  stop: { ...A_FOR_B, ...stop },
  takeProfit: { ...A_FOR_B, ...takeProfit },
  trailingStop: { type: 'trailingStop', ...A_FOR_B, trigger: { trailingBps: 500 } },
  oco: { type: 'oco', ...A_FOR_B, legs: [takeProfit, stop] },
  bracket: {
    type: 'market',
    ...A_FOR_B,
    exits: [{ type: 'stop', trigger: { price: '0.1' } }],
    maxHoldMs: 3_600_000,
  },
  twap: { type: 'twap', ...A_FOR_B, slices: 4, durationMs: 60_000 },
  sniper: {
    type: 'sniper',
    tokenIn: 'SOL',
    tokenOut: 'J1toso1uCk3RLmjorhTtrVwY9HJ7X8V9yYac6Y7kGCPn',
    amountIn: '1',
    guards: { minLiquidity: '50', maxTransferFeeBps: 0 },
  },
  sniperByCreator: {
    type: 'sniper',
    tokenIn: 'SOL',
    creator: '9mVd8ZqvMGLN5M4sFGyC1Fy5AjK8vKcQq3vJ6mP2aTbE',
    amountIn: '1',
    slippageBps: 1_000,
  },
}

/** Bodies, by method and route. */
export const bodyExamples: Readonly<Record<string, Examples>> = {
  'POST /api/orders/execute': orders,
  'POST /api/orders/preview': orders,
  'PATCH /api/orders/:id': {
    price: { limitPrice: '4.75' },
    pause: { state: 'paused' },
    resume: { state: 'active' },
  },
  'PUT /api/admin/trading': { halt: { state: 'halted' }, resume: { state: 'active' } },
  'POST /api/simulation/moves': {
    down: { token: 'A', against: 'B', factor: '0.9' },
    wick: { token: 'A', against: 'B', factor: '1.5', slots: 2, back: true, venues: ['raydium'] },
  },
  'POST /api/simulation/launches': {
    sound: { symbol: 'MOON', liquidity: '200', venue: 'raydium' },
    trap: { symbol: 'TRAP', liquidity: '200', venue: 'meteora', inSlots: 25, faults: ['mint_authority'] },
  },
  'PATCH /api/simulation/faults': {
    venue: { venues: { raydium: 'slow' } },
    network: { dropRate: 0.2, sendErrorRate: 0.2 },
    sound: { venues: { raydium: null, meteora: null }, dropRate: 0, sendErrorRate: 0 },
  },
}

const pair = { tokenIn: 'A', tokenOut: 'B', amountIn: '100' }
const chart = { base: 'B', quote: 'A', interval: '1s' }

/** Parameters of a query, by method and route. */
export const queryExamples: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'GET /api/quotes': pair,
  'GET /api/quotes/stream': pair,
  'GET /api/depth': { tokenIn: 'A', tokenOut: 'B', maxAmountIn: '100000', points: '24' },
  'GET /api/candles': { ...chart, limit: '60' },
  'GET /api/candles/stream': chart,
  'GET /api/orders': { status: 'pending', limit: '20' },
  'DELETE /api/orders': { token: 'A' },
}
