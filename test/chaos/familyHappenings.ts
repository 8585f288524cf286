// Owns what must occur among schedules of orders that have children, or they prove nothing.
import type { Stored } from './durable.ts'

/** What is told of an order first and last. */
type Seen = {
  readonly type: string
  readonly parentId?: string
  readonly groupId?: string
  readonly groupTotalBase?: string
  readonly amountInBase: string
  readonly slices?: number
  readonly creator?: string
  readonly id: string
  readonly kinds: readonly string[]
  readonly last: { readonly by?: string; readonly filledInBase?: string }
} & Stored

function seenOf({ events, projection }: Stored): Seen {
  const [first, last] = [events[0], events.at(-1)]
  const kinds = events.map(({ kind }) => kind)
  const told = { ...JSON.parse(first?.data ?? '{}'), last: JSON.parse(last?.data ?? '{}') }
  return { ...told, id: first?.orderId, kinds, events, projection }
}

/** What befell parents and children. */
export function familyHappenings(orders: readonly Stored[]): readonly (readonly [boolean, string])[] {
  const all = orders.map(seenOf)
  const some = (is: (order: Seen) => boolean) => all.some(is)
  const isLeg = (order: Seen) => order.groupId !== undefined
  const isFilled = (order: Seen) => order.kinds.includes('filled')
  const legsSold = (id: string) => all.filter((order) => order.parentId === id && isFilled(order)).length
  const completed = all.filter(({ kinds }) => kinds.includes('completed'))
  return [
    [some(({ kinds }) => kinds[1] === 'activated'), 'legs started with the fill of their parent'],
    [some((order) => isLeg(order) && order.last.by === 'parent'), 'legs ended with their parent'],
    [
      some(
        (order) =>
          isLeg(order) &&
          order.groupTotalBase === undefined &&
          order.kinds[1] === 'canceled' &&
          order.last.by !== 'parent',
      ),
      'a leg canceled before its parent was filled',
    ],
    [some((order) => isLeg(order) && order.last.by === 'group'), 'a leg made way for its group'],
    [some((order) => isLeg(order) && order.last.by === 'oco'), 'a leg was called off with its OCO'],
    [
      some(
        (order) =>
          isFilled(order) &&
          order.events.some(({ kind, data }) => kind === 'triggered' && data.includes('"amountInBase"')),
      ),
      'a leg sold what another had left',
    ],
    [some((order) => order.type === 'timeStop' && isFilled(order)), 'a time stop sold'],
    [
      completed.some((order) => order.type === 'oco' && legsSold(order.id) > 1),
      'two legs of an OCO sold all',
    ],
    [some(({ type, projection }) => type === 'oco' && projection.status === 'canceled'), 'an OCO canceled'],
    [
      some(
        ({ type, kinds, last }) => type === 'oco' && kinds.includes('expired') && last.filledInBase !== '0',
      ),
      'an OCO ended with some left',
    ],
    [completed.some(({ type }) => type === 'twap'), 'a plan sold all'],
    [
      some(
        ({ type, kinds, last }) => type === 'twap' && kinds.includes('expired') && last.filledInBase !== '0',
      ),
      'a plan ended with some left',
    ],
    [
      some((order) => {
        const plan = all.find((each) => each.id === order.parentId)
        return Number(order.amountInBase) * (plan?.slices ?? 0) > Number(plan?.amountInBase ?? 0) * 1.5
      }),
      'a slice caught up on others',
    ],
    [some(({ last }) => last.by === 'plan'), 'a slice ended with its plan'],
    [
      some(
        ({ type, parentId, kinds, events }) =>
          parentId !== undefined &&
          kinds.at(-1) === 'expired' &&
          // One with a limit may also end for its price, before it has a route.
          (type === 'market' || events.at(-2)?.status === 'building'),
      ),
      'a slice came too late for its plan',
    ],
    [some(({ type, kinds }) => type === 'twap' && kinds.includes('resumed')), 'a plan paused and resumed'],
    [
      some((order) => isLeg(order) && order.kinds.includes('amended') && isFilled(order)),
      'a leg amended and filled',
    ],
    [some((order) => order.type === 'sniper' && isFilled(order)), 'a launch bought'],
    [
      some((order) => order.creator !== undefined && isFilled(order)),
      'a launch chosen among those of a creator, and bought',
    ],
    [
      some((order) => order.events.some(({ data }) => data.includes('"guardReport"'))),
      'a launch refused by a guard',
    ],
  ]
}
