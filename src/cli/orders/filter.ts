// Owns the filter of orders as options, alike in every command that takes one.

import type { OrderFilter } from 'oee-client'
import { defined } from '../orderBody.ts'

const text = (value: string, help: string) => ({ type: 'string', value, help }) as const

export const filterOptions = {
  status: text('<status>', 'pending, routing, building, submitted, confirmed, failed, canceled or expired'),
  token: text('<token>', 'orders that sell or buy it'),
  type: text('<type>', 'market, limit, stop, …'),
  parent: text('<id>', 'the children of an order'),
  group: text('<id>', 'the legs of a group'),
  'client-order-id': text('<id>', 'the order with this id of your own'),
} as const

type Given = { readonly [K in keyof typeof filterOptions]?: string }

export const filterOf = (given: Given): OrderFilter =>
  defined({
    status: given.status,
    token: given.token,
    type: given.type,
    parentId: given.parent,
    groupId: given.group,
    clientOrderId: given['client-order-id'],
  })
