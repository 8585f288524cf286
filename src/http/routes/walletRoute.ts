// Owns the route of the wallet: what it holds, and what resting orders will sell of it.

import { formatAmount } from '../../domain/amount.ts'
import type { Routes } from '../app.ts'
import type { HttpDeps } from '../deps.ts'
import { ProblemBody } from '../schemas/apiSchemas.ts'
import { WalletView } from '../schemas/marketSchemas.ts'

export function walletRoute(app: Routes, { market, orders }: HttpDeps): void {
  const { wallet, tokens } = market
  const { resting } = orders.store
  app.get(
    '/api/wallet',
    {
      config: { access: 'read' },
      schema: {
        summary: 'What the wallet holds, and how much of it the resting orders of all keys sell together.',
        response: { 200: WalletView, '4xx': ProblemBody, '5xx': ProblemBody },
      },
    },
    async () => {
      const balances = await Promise.all(
        tokens.all.map(async ({ symbol, mint, decimals }) => {
          const [amount, reserved] = await Promise.all([wallet.holds(mint), resting.promised(mint)])
          return {
            token: symbol,
            mint,
            amount: formatAmount(amount, decimals),
            amountBase: amount.toString(),
            reserved: formatAmount(reserved, decimals),
            reservedBase: reserved.toString(),
          }
        }),
      )
      const isEmpty = ({ amountBase, reservedBase }: (typeof balances)[number]) =>
        amountBase === '0' && reservedBase === '0'
      return { address: wallet.address, balances: balances.filter((balance) => !isEmpty(balance)) }
    },
  )
}
