// Owns the shape of a pool as routing sees it: what more input pays at the margin.

/**
 * A stretch of a pool's curve in plain numbers, fees included, for finding a route (never for the amounts of one): the
 * first `capIn` base units that go into it pay out(x) = price · x / (1 + x / depth); a depth of Infinity is a constant
 * price. The stretches of a direction follow each other, each with a price no better than the end of the one before.
 */
export type Segment = { readonly price: number; readonly depth: number; readonly capIn: number }
