// Owns what the market view is asked for: which pair, and up to which amount.

export type Asked = { readonly tokenIn: string; readonly tokenOut: string; readonly maxAmountIn: string }
