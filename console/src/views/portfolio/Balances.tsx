// Owns the balances of the wallet, and what resting orders reserve of them.

import type { Wallet } from 'oee-client'
import type { JSX } from 'preact'
import { shortId } from '../../format.ts'
import { linkTo } from '../../location.ts'
import { Empty } from '../../parts/Empty.tsx'
import { Points } from '../../parts/Points.tsx'
import { Sheet, type SheetColumn } from '../../parts/Sheet.tsx'

type Balance = Wallet['balances'][number]

const PLACES = 6

/** From 0 to 1, and 1 where more is reserved than there is. */
function shareOf({ amountBase, reservedBase }: Balance): number {
  const [held, reserved] = [Number(amountBase), Number(reservedBase)]
  return reserved === 0 ? 0 : held === 0 ? 1 : Math.min(1, reserved / held)
}

const isShort = ({ amountBase, reservedBase }: Balance) => BigInt(reservedBase) > BigInt(amountBase)

const columns: readonly SheetColumn<Balance>[] = [
  { name: 'token', head: 'token', cell: ({ token, mint }) => <span title={mint}>{token}</span> },
  {
    name: 'amount',
    head: 'holds',
    isNumber: true,
    cell: ({ amount: held }) => <Points value={held} decimals={PLACES} />,
  },
  {
    name: 'reserved',
    head: 'reserved',
    isNumber: true,
    cell: (balance) =>
      balance.reservedBase === '0' ? (
        <span class="soft">
          <Points value="0" />
        </span>
      ) : (
        <a
          href={linkTo('blotter', { token: balance.token, status: 'resting' })}
          class={isShort(balance) ? 'warn' : ''}
          title={`${balance.reserved} ${balance.token}, by resting orders of all keys`}
        >
          {isShort(balance) ? 'more than there is: ' : ''}
          <Points value={balance.reserved} decimals={PLACES} />
        </a>
      ),
  },
  {
    name: 'share',
    head: 'reserved of it',
    isWideOnly: true,
    cell: (balance) => <Share share={shareOf(balance)} />,
  },
]

const WIDTH = 96

function Share({ share }: { readonly share: number }): JSX.Element {
  return (
    <svg class="share" width={WIDTH} height="12" aria-hidden="true">
      <path class="share-all" d={`M0 6H${WIDTH}`} />
      {share === 0 ? null : <path class="share-part" d={`M0 6H${Math.max(2, share * WIDTH)}`} />}
    </svg>
  )
}

export function Balances({ wallet }: { readonly wallet: Wallet | null }): JSX.Element {
  // What is spoken for first: it is what can run out.
  const rows =
    wallet?.balances.toSorted((a, b) => shareOf(b) - shareOf(a) || a.token.localeCompare(b.token)) ?? []
  return (
    <section class="section portfolio-balances" aria-labelledby="portfolio-balances">
      <div class="section-head">
        <h2 id="portfolio-balances">Balances</h2>
        {wallet === null ? null : (
          <span class="soft">
            of <code title={wallet.address}>{shortId(wallet.address)}</code>
          </span>
        )}
      </div>
      <Sheet
        label="Balances of the wallet"
        columns={columns}
        rows={rows}
        keyOf={({ mint }) => mint}
        empty={
          wallet === null ? (
            <Empty title="Asking for the wallet." />
          ) : (
            <Empty title="The wallet is empty.">
              Send tokens to <code>{wallet.address}</code>: orders fire once they are there.
            </Empty>
          )
        }
      />
    </section>
  )
}
