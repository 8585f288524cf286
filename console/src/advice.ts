// Owns what to do about failures and waits, by the engine's own codes: its words stay, the way on is added.

const FAILURES: Readonly<Record<string, string>> = {
  no_route: 'See in Market which pools trade the pair, or name other venues.',
  amount_too_small: 'Place it with a larger amount.',
  insufficient_liquidity: 'Place it smaller, or as a twap over time; Market shows what the pools can take.',
  price_impact_too_high: 'Place it smaller or as a twap, or allow more with maxPriceImpactBps.',
  quotes_unavailable: 'No venue answered in time. Market shows their health; a new order quotes anew.',
  price_moved: 'Place it again: it quotes anew. A wider slippage lets more movement pass.',
  chain_unavailable: 'The chain did not answer. Place it again once System shows it well.',
  internal: 'Look for the order’s id in the logs of the engine.',
  swap_expired: 'It never landed, so nothing was traded. Place it again; a higher priority fee lands sooner.',
  slippage_exceeded: 'Nothing was traded but the network fee. Place it again, or allow more slippage.',
  insufficient_funds: 'Portfolio shows what the wallet holds and what other orders reserve.',
  fee_budget_spent: 'Raise feeBudget, or widen slippageBps so that attempts succeed.',
  guards_outdated: 'Nothing: the guards are asked again.',
  pool_too_old: 'A sniper buys at the launch. Place a market or limit order, or raise maxAgeSlots.',
  swap_reverted: 'The detail has what the program said. Place it again only once that is understood.',
}

const BLOCKERS: Readonly<Record<string, string>> = {
  price: 'Its price is not there.',
  confirming: 'Its price is there, and must be seen in more slots or for longer.',
  stale_source: 'Its source has shown nothing recent, and fires nothing until it does.',
  no_price: 'Its source shows no price now.',
  unknown_source: 'Its source is not known to this engine: cancel it and name another.',
  not_launched: 'The token is not launched yet.',
  guard: 'Its guards refuse.',
  time: 'It waits for its time.',
  paused: 'It is paused: resume it to let it go on.',
  halted: 'Trading is halted: it goes on once trading is resumed.',
  entries_halted: 'Entries are halted: exits go on.',
  cooldown: 'Its token was sold by an exit a short while ago.',
  daily_fees_exceeded: 'The key has spent its network fees of the day.',
  group_claimed: 'Other legs of its group have claimed the amount.',
  not_started: 'It starts when its parent is filled.',
  backoff: 'An attempt has failed: it waits before the next.',
  unfunded: 'The wallet does not hold what it sells. Fund it: it fires then.',
}

/** Empty for a code of a newer engine: its own sentence must do. */
export const adviceFor = (failureCode: string): string => FAILURES[failureCode] ?? ''
export const explained = (blocker: string): string => BLOCKERS[blocker] ?? blocker
