// Owns the runtime of the simulated chain: what a transaction does to pools and wallet, atomically.

import { directionOf, type Instruction } from '../../domain/pool.ts'
import type { SwapInput } from '../pools/pool.ts'
import { programOf, type SimulatedPool, swapPool } from './market.ts'
import { received, transferRefusal } from './tokenFaults.ts'
import type { SimulatedTransaction } from './transaction.ts'

/** Lamports per transaction: the signature's base fee (5,000) and a priority fee. Paid for reverted ones too. */
export const NETWORK_FEE_LAMPORTS = 15_000n

type Moment = Pick<SwapInput, 'slot' | 'unixTimestamp'>

export type Balances = ReadonlyMap<string, bigint>

export type Executed =
  | { readonly kind: 'landed'; readonly amountOut: bigint; readonly swaps: readonly ExecutedSwap[] }
  | { readonly kind: 'reverted'; readonly error: SwapError | { code: 'insufficient_funds'; detail: string } }

/**
 * Runs a transaction atomically: any error leaves pools and wallet as they were. An intermediate token is spent from what
 * the earlier swaps paid; the rest of it stays in the wallet.
 */
export function execute(
  transaction: SimulatedTransaction,
  pools: ReadonlyMap<string, SimulatedPool>,
  wallet: Balances,
  at: Moment,
): Executed {
  const balances = new Map<string, bigint>()
  const balanceOf = (mint: string) => balances.get(mint) ?? wallet.get(mint) ?? 0n
  const touched = new Map<string, SimulatedPool>()
  const poolAt = (address: string) => touched.get(address) ?? pools.get(address)
  const swaps: ExecutedSwap[] = []
  for (const swap of transaction.swaps) {
    const done = executeSwap(poolAt, readInstruction(swap), at)
    if ('code' in done) return { kind: 'reverted', error: done }
    const { pool, mintIn, amountIn, mintOut, amountOut } = done
    const held = balanceOf(mintIn)
    if (held < amountIn) {
      const detail = `the wallet holds ${held} of ${mintIn}, the swap takes ${amountIn}`
      return { kind: 'reverted', error: { code: 'insufficient_funds', detail } }
    }
    balances.set(mintIn, held - amountIn)
    balances.set(mintOut, balanceOf(mintOut) + amountOut)
    touched.set(pool.address, pool)
    swaps.push(done)
  }
  const amountOut = swaps
    .filter((swap) => swap.mintOut === transaction.mintOut)
    .reduce((sum, s) => sum + s.amountOut, 0n)
  if (amountOut < BigInt(transaction.minAmountOut)) {
    const detail = `the route would pay ${amountOut}, the minimum is ${transaction.minAmountOut}`
    return { kind: 'reverted', error: { code: 'slippage_exceeded', detail } }
  }
  return { kind: 'landed', amountOut, swaps }
}

const readInstruction = (swap: SimulatedTransaction['swaps'][number]): Instruction => ({
  ...swap,
  data: Buffer.from(swap.data, 'base64'),
})

type ExecutedSwap = {
  readonly pool: SimulatedPool
  readonly mintIn: string
  readonly mintOut: string
  readonly amountIn: bigint
  readonly amountOut: bigint
  readonly fee: bigint
  readonly feeMint: string
}

type SwapError = { readonly code: 'slippage_exceeded' | 'swap_reverted'; readonly detail: string }

/** Runs one swap instruction as its on-chain program would, minimum included. */
export function executeSwap(
  poolAt: (address: string) => SimulatedPool | undefined,
  { programId, accounts, data }: Instruction,
  at: Moment,
): ExecutedSwap | SwapError {
  const [address = '', mintIn = '', mintOut = ''] = accounts
  const pool = poolAt(address)
  if (pool === undefined || programOf(pool).programId !== programId)
    return reverted(`no pool ${address} of ${programId}`)
  const aToB = directionOf(pool, mintIn, mintOut)
  if (aToB === null) return reverted(`pool ${address} does not trade ${mintIn} for ${mintOut}`)
  const amounts = programOf(pool).readSwapData(data)
  if (amounts === null) return reverted('the instruction data is not a swap')
  const refusal = transferRefusal(pool, mintIn, at.slot)
  if (refusal !== null) return reverted(refusal)
  const result = swapPool(pool, { aToB, amountIn: received(pool, mintIn, amounts.amountIn), ...at })
  if (result.kind === 'refused') return reverted(`${result.reason}: ${result.detail}`)
  const amountOut = received(pool, mintOut, result.amountOut)
  if (amountOut < amounts.minAmountOut) {
    const detail = `the pool would pay ${amountOut}, the minimum is ${amounts.minAmountOut}`
    return { code: 'slippage_exceeded', detail }
  }
  return {
    pool: result.pool,
    mintIn,
    mintOut,
    amountIn: amounts.amountIn,
    amountOut,
    fee: result.fee,
    feeMint: result.feeOnInput ? mintIn : mintOut,
  }
}

const reverted = (detail: string): SwapError => ({ code: 'swap_reverted', detail })
