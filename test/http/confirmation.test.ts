// The token that confirms a bulk cancel: it stands for one owner, one filter and one moment.
import { expect, test } from 'vitest'
import type { OrderFilter } from '../../src/domain/ports/orders.ts'
import { readConfirmation, writeConfirmation } from '../../src/http/confirmation.ts'
import { newId } from '../support/orders.ts'

const filter: OrderFilter = {
  owner: 'local',
  status: null,
  mint: null,
  clientOrderId: null,
  type: 'limit',
  isResting: true,
  parentId: null,
}
const confirmation = { newest: newId(), expiresAt: Date.UTC(2026, 0, 1) }
const token = writeConfirmation(confirmation, filter)

test('is read back, whatever process wrote it', () => {
  expect(readConfirmation(token, { ...filter })).toEqual(confirmation)
  const nothing = { newest: null, expiresAt: confirmation.expiresAt }
  expect(readConfirmation(writeConfirmation(nothing, filter), filter)).toEqual(nothing)
  const { isResting, ...others } = filter
  expect(readConfirmation(token, { isResting, ...others })).toEqual(confirmation)
})

test.each<Partial<OrderFilter>>([
  { owner: 'another' },
  { type: null },
  { type: 'stop' },
  { isResting: null, parentId: null },
  { status: 'pending' },
  { mint: 'So11111111111111111111111111111111111111112' },
  { clientOrderId: 'limit' },
])('stands for nothing where the filter differs: %o', (other) => {
  expect(readConfirmation(token, { ...filter, ...other })).toBeNull()
})

test.each([
  '',
  'nonsense',
  token.slice(1),
  token.slice(0, -1),
  `${token}AA`,
  Buffer.from(`${newId()},${confirmation.expiresAt},x`).toString('base64url'),
  Buffer.from(',,').toString('base64url'),
])('text that is no token is none: %s', (text) => {
  expect(readConfirmation(text, filter)).toBeNull()
})
