// Owns what fails, grouped by the engine's codes, with what to do about each.

import type { JSX } from 'preact'
import { adviceFor } from '../../advice.ts'
import { count } from '../../format.ts'
import { linkTo } from '../../location.ts'
import { newestFirst, revision } from '../../orders.ts'
import { Empty } from '../../parts/Empty.tsx'
import { Sheet, type SheetColumn } from '../../parts/Sheet.tsx'
import { Time } from '../../parts/Time.tsx'

type Line = { readonly code: string; readonly message: string; many: number; newest: string; orderId: string }

const columns: readonly SheetColumn<Line>[] = [
  {
    name: 'code',
    head: 'code',
    cell: ({ code, message }) => (
      <span class="sheet-wrap">
        <code>{code}</code> <span class="soft">{adviceFor(code) || message}</span>
      </span>
    ),
  },
  { name: 'many', head: 'orders', isNumber: true, cell: ({ many }) => count(many) },
  {
    name: 'newest',
    head: 'newest',
    cell: ({ newest, orderId }) => (
      <a href={linkTo('order', { id: orderId })}>
        <Time at={newest} />
      </a>
    ),
  },
]

function linesOf(): readonly Line[] {
  const lines = new Map<string, Line>()
  for (const { failure, status, orderId, updatedAt } of newestFirst((row) => row.status === 'failed')) {
    const { code, message } = failure ?? { code: status, message: '' }
    const line = lines.get(code)
    if (line === undefined) lines.set(code, { code, message, many: 1, newest: updatedAt, orderId })
    else line.many += 1
  }
  return [...lines.values()].sort((a, b) => b.many - a.many)
}

export function Failures(): JSX.Element {
  void revision.value
  return (
    <section class="section" aria-labelledby="system-failures">
      <div class="section-head">
        <h2 id="system-failures">Failures</h2>
        <a href={linkTo('blotter', { status: 'failed' })}>All failed orders</a>
      </div>
      <Sheet
        label="Failed orders by code"
        columns={columns}
        rows={linesOf()}
        keyOf={({ code }) => code}
        empty={
          <Empty title="No order of this key has failed.">
            What fails later stands here, with what to do.
          </Empty>
        }
      />
    </section>
  )
}
