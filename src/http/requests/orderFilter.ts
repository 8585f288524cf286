// Owns reading the filter of orders from a query, as the list and the bulk cancel take it.

import type { OrderFilter } from '../../domain/ports/orders.ts'
import { type OrderId, parseOrderId } from '../../domain/spec.ts'
import type { TokenList } from '../../domain/token.ts'
import { denied } from '../problems.ts'
import type { FilterQuery } from '../schemas/apiSchemas.ts'
import { isAddress } from './addressField.ts'

/** Throws a Problem for a token that is neither known nor an address, and for what is no id. */
export function toFilter(query: FilterQuery, owner: string, tokens: TokenList): OrderFilter {
  const { status = null, token, clientOrderId = null, type = null, resting } = query
  return {
    owner,
    status,
    mint: token === undefined ? null : mintOf(token, tokens),
    clientOrderId,
    type,
    isResting: resting === undefined ? null : resting === 'true',
    parentId: parentIn(query),
  }
}

/** The legs of a group are the children of its parent. */
function parentIn({ parentId, groupId }: FilterQuery): OrderId | null {
  const [field, text] = parentId === undefined ? ['groupId', groupId] : ['parentId', parentId]
  if (text === undefined) return null
  const id = parseOrderId(text)
  if (id === null) throw denied([{ field, code: 'invalid_type', detail: 'the id of an order' }])
  return id
}

/** Any address: a token that is still to be launched is known by its mint, or by its creator. */
function mintOf(name: string, tokens: TokenList): string {
  const mint = tokens.find(name)?.mint ?? (isAddress(name) ? name : null)
  if (mint === null)
    throw denied([{ field: 'token', code: 'unknown_token', detail: 'see GET /api/tokens, or name a mint' }])
  return mint
}
