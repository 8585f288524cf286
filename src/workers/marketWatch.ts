// Owns the watch over the market: when a price moves, the resting orders that it concerns are looked at. It rings and
// decides nothing; a move that it misses costs time until the next one.

import type { MarketChange, MarketData } from '../domain/ports/marketData.ts'
import { LAUNCHES, type RestingOrder, type RestingOrders } from '../domain/ports/restingOrders.ts'
import type { OrderId } from '../domain/spec.ts'
import { createLevelIndex, type LevelIndex, type Prices } from '../domain/triggers/levelIndex.ts'
import type { Observe } from '../observe.ts'
import type { Clock, Millis } from '../timing/clock.ts'
import { repeat } from '../timing/repeat.ts'
import type { Looks } from './looks.ts'
import type { PriceQuery } from './prices.ts'
import { type IsMine, openShares, type ShareDeps } from './shares.ts'

export type MarketWatchDeps = {
  readonly resting: Pick<RestingOrders, 'page' | 'find' | 'recent' | 'onChange'>
  readonly marketData: MarketData
  readonly clock: Clock
  readonly observe: Pick<Observe, 'fault' | 'unevaluated'>
  readonly looks: Pick<Looks, 'holding'>
  /** Null while the market shows no price. */
  readonly pricesFor: (query: PriceQuery) => Promise<Prices | null>
  /** Mints of the tokens through which a route may go. */
  readonly intermediates: readonly string[]
  readonly watchers: ShareDeps['watchers']
  /** Calls back in the next turn of the event loop. */
  nextTurn(run: () => void): void
}

export type MarketWatch = { close(): Promise<void> }

/** Orders of one source and pair, under the same constraints: they see the same prices. */
type Group = PriceQuery & {
  readonly key: string
  readonly pair: string
  readonly index: LevelIndex
  /** Since when a look at its prices is owed; null where the last one has seen them. */
  unseenSince: Millis | null
}
type Mints = MarketChange['pools'][number]['mints']

/** Few enough to be taken in within some milliseconds. */
const PAGE = 2_000
/** How often orders are read whose hints were lost, and how far each read reaches back over the one before. */
const REREAD_MS = 2_000
const OVERLAP_MS = 10_000
const REPORT_MS = 1_000
/** Groups looked at in a turn of the event loop, about a millisecond: a slot that moves every price holds up no order. */
const GROUPS_PER_TURN = 16
/** Orders handed over at once: each is read, judged, and sent on its way. */
const MAX_RINGS = 400

/** Looks at every resting order once at the start: the market may have moved while no engine ran. */
export function openMarketWatch(
  process: (ids: readonly OrderId[]) => Promise<void>,
  deps: MarketWatchDeps,
): MarketWatch {
  const { resting, marketData, clock, observe } = deps
  const groups = createGroups(deps.intermediates)
  const rung = new Set<OrderId>()
  const changed = new Set<Group>()
  let readAt: Millis | null = null
  /** When all that had changed was looked at: what has not changed since is as it was then. */
  let caughtUpAt = clock.now()
  let isSlotOver = false
  let seesMarket = false
  let watching: Promise<void> | null = null
  let isClosed = false
  const onFault = (error: unknown) => observe.fault('market', error)

  function onChange({ pools }: MarketChange): void {
    isSlotOver = true
    seesMarket = true
    for (const { mints, creator } of pools) {
      for (const group of groups.concernedBy(mints)) changed.add(group)
      for (const group of creator === undefined ? [] : groups.awaiting(creator)) changed.add(group)
    }
    begin()
  }

  function begin(): void {
    watching ??= watch()
      .catch((error) => {
        seesMarket = false
        onFault(error)
      })
      .finally(() => {
        watching = null
        if (!isClosed && (changed.size > 0 || isSlotOver)) begin()
      })
  }

  /** Changes that come meanwhile are taken together afterwards. */
  async function watch(): Promise<void> {
    if (isSlotOver) {
      isSlotOver = false
      ring(deps.looks.holding())
    }
    for (const [i, group] of [...changed].entries()) {
      if (i % GROUPS_PER_TURN === GROUPS_PER_TURN - 1) await new Promise<void>(deps.nextTurn)
      if (isClosed) return
      changed.delete(group)
      if (!shares.isMine(group.pair)) continue
      group.unseenSince ??= clock.now()
      const prices = await deps.pricesFor(group)
      if (prices === null) continue
      group.unseenSince = null
      ring(group.index.crossed(prices, clock.now()))
    }
    caughtUpAt = clock.now()
  }

  /** Whether this process could watch a share now: it knows the orders, and has seen a slot since it was last asked. */
  function isFit(): boolean {
    const isSeeing = seesMarket
    seesMarket = false
    return isSeeing && readAt !== null && groups.size() > 0
  }

  /** The market may have moved since another watched what is new to this process. */
  function takeOver(wasMine: IsMine): void {
    for (const group of groups.all()) {
      if (shares.isMine(group.pair) && !wasMine(group.pair)) changed.add(group)
    }
    if (changed.size > 0) begin()
  }

  function ring(ids: readonly OrderId[]): void {
    const fresh = ids.filter((id) => !rung.has(id))
    for (let i = 0; i < fresh.length; i += MAX_RINGS) {
      const batch = fresh.slice(i, i + MAX_RINGS)
      for (const id of batch) rung.add(id)
      process(batch)
        .then(() => refresh(batch))
        .catch(onFault)
        .finally(() => {
          for (const id of batch) rung.delete(id)
        })
    }
  }

  /** Brings the index up to date with the store; orders that it has not seen yet are looked at. */
  async function refresh(ids: readonly OrderId[]): Promise<void> {
    const found = await resting.find(ids)
    const known = new Set(found.map(({ id }) => id))
    for (const id of ids) if (!known.has(id)) groups.delete(id)
    note(found)
  }

  function note(orders: readonly RestingOrder[]): void {
    for (const order of orders) {
      const group = groups.set(order)
      if (group !== null) changed.add(group)
    }
    if (changed.size > 0) begin()
  }

  async function loadAll(): Promise<void> {
    for (let next: Promise<readonly RestingOrder[]> | null = resting.page(null, PAGE); next !== null; ) {
      const page: readonly RestingOrder[] = await next
      if (isClosed) return
      // The store reads the next page while this one is taken in.
      next = page.length < PAGE ? null : resting.page(page.at(-1)?.id ?? null, PAGE)
      note(page)
    }
  }

  /** All orders until that has once succeeded, from then on those that are new since the last read that did. */
  async function read(): Promise<void> {
    const now = clock.now()
    if (readAt === null) await loadAll()
    else note(await resting.recent(Math.max(0, now - readAt) + OVERLAP_MS))
    readAt = now
  }

  const shares = openShares({ watchers: deps.watchers, clock, isFit, onChange: takeOver, onFault })

  /** For how long the orders of each pair of this process have not been judged by the market as it was. */
  function report(): void {
    const ages = new Map<string, Millis>()
    for (const { pair: shared, mintIn, mintOut, unseenSince } of groups.all()) {
      if (!shares.isMine(shared)) continue
      const pair = `${mintIn}/${mintOut}`
      const age = Math.max(0, clock.now() - (unseenSince ?? caughtUpAt))
      ages.set(pair, Math.max(age, ages.get(pair) ?? 0))
    }
    observe.unevaluated(ages)
  }

  const stopMarket = marketData.onChange(onChange)
  const stopHints = resting.onChange((ids) => void refresh(ids).catch(onFault))
  const loading = read().catch(onFault)
  const stopReading = repeat(clock, REREAD_MS, () => loading.then(read), onFault)
  const stopReporting = repeat(clock, REPORT_MS, report, onFault)
  return {
    async close() {
      isClosed = true
      stopMarket()
      stopHints()
      await Promise.all([stopReading(), stopReporting(), loading, watching])
      await shares.close()
    },
  }
}

/** `through`: mints of the tokens through which a route may go. */
function createGroups(through: readonly string[]) {
  const groups = new Map<string, Group>()
  const groupOf = new Map<OrderId, Group>()
  /** The groups that sell or buy a token. */
  const byMint = new Map<string, Set<Group>>()

  function groupFor({ mintIn, mintOut, source, constraints }: RestingOrder): Group {
    const key = `${mintIn} ${mintOut} ${source} ${JSON.stringify(constraints)}`
    const known = groups.get(key)
    if (known !== undefined) return known
    const pair = [mintIn, mintOut].sort().join()
    const group = {
      key,
      pair,
      mintIn,
      mintOut,
      source,
      constraints,
      index: createLevelIndex(),
      unseenSince: null,
    }
    groups.set(key, group)
    for (const mint of [mintIn, mintOut]) byMint.set(mint, (byMint.get(mint) ?? new Set()).add(group))
    return group
  }

  function remove(id: OrderId): void {
    const group = groupOf.get(id)
    if (group === undefined) return
    groupOf.delete(id)
    group.index.delete(id)
    if (group.index.size() > 0) return
    groups.delete(group.key)
    for (const mint of [group.mintIn, group.mintOut]) {
      const others = byMint.get(mint)
      others?.delete(group)
      if (others?.size === 0) byMint.delete(mint)
    }
  }

  return {
    /** The groups on whose routes a pool of these tokens may be. */
    concernedBy(mints: Mints): readonly Group[] {
      // A token that no route goes through must be an end of the route: only the groups with that end are looked at.
      const outsider = mints.find((mint) => !through.includes(mint))
      const ends = outsider === undefined ? mints : [outsider]
      return ends
        .flatMap((mint) => [...(byMint.get(mint) ?? [])])
        .filter((each) => concerns(mints, each, through))
    },
    /** The groups that wait for any launch of the address. */
    awaiting: (creator: string): readonly Group[] =>
      [...(byMint.get(creator) ?? [])].filter(({ source }) => source === LAUNCHES),
    delete: remove,
    size: () => groups.size,
    all: () => groups.values(),
    /** The group of the order, when it is new there or waits for other prices than before; null when nothing changed. */
    set(order: RestingOrder): Group | null {
      const group = groupFor(order)
      if (groupOf.get(order.id) !== group) remove(order.id)
      groupOf.set(order.id, group)
      return group.index.set(order) ? group : null
    },
  }
}

/** Whether a pool of these tokens may be on a route of the group. */
function concerns(mints: Mints, { mintIn, mintOut }: PriceQuery, through: readonly string[]): boolean {
  let hasEnd = false
  for (const mint of mints) {
    const isEnd = mint === mintIn || mint === mintOut
    if (!isEnd && !through.includes(mint)) return false
    hasEnd ||= isEnd
  }
  return hasEnd
}
