// Owns the history of a run: everything its clients asked and were told, with the times of this machine's clock.

export type EventView = {
  readonly seq: number
  readonly kind: string
  readonly status: string
  readonly at: string
}

/** A request to place an order; `status` is null when no answer came. */
export type Post = {
  readonly op: 'post'
  readonly key: string
  readonly startedAt: number
  readonly endedAt: number
  readonly status: number | null
  readonly code: string | null
  readonly orderId: string | null
}

/** A request for an order; `seq` is null when none came back. */
export type Read = {
  readonly op: 'read'
  readonly orderId: string
  readonly startedAt: number
  readonly endedAt: number
  readonly status: number | null
  readonly seq: number | null
}

/** A request to cancel an order; what came back says whether it was. */
export type Cancel = {
  readonly op: 'cancel'
  readonly orderId: string
  readonly startedAt: number
  readonly endedAt: number
  readonly status: number | null
}

/** What a follower was told. A follower comes back behind its last message until the order has ended. */
export type Message = {
  readonly op: 'message'
  readonly follower: number
  readonly orderId: string
  readonly at: number
  readonly event: EventView
}

export type Closed = {
  readonly op: 'closed'
  readonly follower: number
  readonly orderId: string
  readonly at: number
  readonly code: number
}

/** A fault of the run begins or is over. */
export type Fault = { readonly op: 'fault'; readonly what: string; readonly at: number }

export type Operation = Post | Read | Cancel | Message | Closed | Fault

export type History = readonly Operation[]

export const only = <O extends Operation['op']>(history: History, op: O) =>
  history.filter((operation): operation is Extract<Operation, { op: O }> => operation.op === op)

/** The order that each key stands for, as the engine has answered first. */
export function acknowledged(history: History): Map<string, string> {
  const orders = new Map<string, string>()
  for (const { key, orderId } of only(history, 'post')) {
    if (orderId !== null && !orders.has(key)) orders.set(key, orderId)
  }
  return orders
}
