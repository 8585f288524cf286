// Owns the files that the blotter exports: what is shown, as CSV or JSON.

import type { Row } from '../../orderState.ts'

const COLUMNS = [
  'createdAt',
  'updatedAt',
  'orderId',
  'clientOrderId',
  'parentId',
  'type',
  'status',
  'resting',
  'paused',
  'tokenIn',
  'amountIn',
  'tokenOut',
  'amountOut',
  'limitPrice',
  'endReason',
  'signature',
  'summary',
] as const satisfies readonly (keyof Row)[]

/** RFC 4180. No cell begins a formula: symbols of launched tokens are anyone's choice. */
function cell(value: unknown): string {
  const text = String(value ?? '')
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const csv = (rows: readonly Row[]) =>
  [COLUMNS.join(','), ...rows.map((row) => COLUMNS.map((name) => cell(row[name])).join(',')), ''].join('\r\n')

export function download(rows: readonly Row[], format: 'csv' | 'json'): void {
  const text = format === 'csv' ? csv(rows) : JSON.stringify(rows, null, 2)
  const type = format === 'csv' ? 'text/csv;charset=utf-8' : 'application/json'
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = `orders-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.${format}`
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 0)
}
