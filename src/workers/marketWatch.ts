// Owns the watch over the market: when a price moves, the resting orders that it concerns are looked at. It rings and
// decides nothing; what it misses, or cannot read, costs time until the next slot.

import type { MarketChange, MarketData } from '../domain/ports/marketData.ts'
import type { RestingOrder, RestingOrders } from '../domain/ports/restingOrders.ts'
import type { OrderId } from '../domain/spec.ts'
import type { Observe } from '../observe.ts'
import type { Clock, Millis } from '../timing/clock.ts'
import { repeat } from '../timing/repeat.ts'
import { whileDue } from '../timing/whileDue.ts'
import type { Looks } from './looks.ts'
import type { PriceQuery, SeenPrices } from './prices.ts'
import { createRestingGroups, type RestingGroup, type RestingGroups, unseenFor } from './restingGroups.ts'
import { type IsMine, openShares, type ShareDeps } from './shares.ts'

export type MarketWatchDeps = {
  readonly resting: Pick<RestingOrders, 'page' | 'find' | 'recent' | 'onChange'>
  readonly marketData: MarketData
  readonly clock: Clock
  readonly observe: Pick<Observe, 'fault' | 'unevaluated'>
  readonly looks: Pick<Looks, 'holding'>
  /** Rejects when the market cannot be read. */
  readonly pricesFor: (query: PriceQuery) => Promise<SeenPrices>
  /** Mints of the tokens through which a route may go. */
  readonly intermediates: readonly string[]
  readonly watchers: ShareDeps['watchers']
  /** Calls back in the next turn of the event loop. */
  nextTurn(run: () => void): void
}

export type MarketWatch = { close(): Promise<void> }

/** Few enough to be taken in within some milliseconds. */
const PAGE = 2_000
/** How often orders are read whose hints were lost, and how far each read reaches back over the one before. */
const REREAD_MS = 2_000
const OVERLAP_MS = 10_000
const REPORT_MS = 1_000
/** Orders handed over at once: each is read, judged, and sent on its way. */
const MAX_RINGS = 400

/** Groups that were not seen whole and are looked at again in a slot: a venue may be away for hours. */
const UNSURE_PER_SLOT = 50

/** Resolves to the orders that could not be moved on. */
type Process = (ids: readonly OrderId[]) => Promise<readonly OrderId[]>

/** Looks at every resting order once at the start: the market may have moved while no engine ran. */
export function openMarketWatch(process: Process, deps: MarketWatchDeps): MarketWatch {
  const { resting, marketData, clock, observe } = deps
  const onFault = (error: unknown) => observe.fault('market', error)
  const groups = createRestingGroups(deps.intermediates)
  const reading = createReading(groups, (changed) => evaluation.owe(changed), deps)
  const refresh = (ids: readonly OrderId[]) => reading.refresh(ids).catch(onFault)
  const ringing = createRinging(process, refresh, onFault)
  const evaluation = createEvaluation((pair) => shares.isMine(pair), ringing, deps)

  /** Whether this process could watch a share now: it knows the orders, and has seen a slot since it was last asked. */
  const isFit = () => evaluation.hasSeenMarket() && reading.isWhole() && groups.size() > 0

  /** The market may have moved since another watched what is new to this process. */
  function takeOver(wasMine: IsMine): void {
    evaluation.owe([...groups.all()].filter(({ pair }) => shares.isMine(pair) && !wasMine(pair)))
  }

  function onChange({ pools }: MarketChange): void {
    evaluation.slot(
      pools.flatMap(({ mints, creator }) => [
        ...groups.concernedBy(mints),
        ...(creator === undefined ? [] : groups.awaiting(creator)),
      ]),
    )
  }

  function report(): void {
    const mine = [...groups.all()].filter(({ pair }) => shares.isMine(pair))
    observe.unevaluated(unseenFor(mine, evaluation.caughtUpAt(), clock.now()))
  }

  const shares = openShares({ watchers: deps.watchers, clock, isFit, onChange: takeOver, onFault })
  const stopMarket = marketData.onChange(onChange)
  const stopHints = resting.onChange((ids) => void refresh(ids))
  const loading = reading.read().catch(onFault)
  const stopReading = repeat(clock, REREAD_MS, () => loading.then(reading.read), onFault)
  const stopReporting = repeat(clock, REPORT_MS, report, onFault)
  return {
    async close() {
      stopMarket()
      stopHints()
      reading.stop()
      await Promise.all([stopReading(), stopReporting(), loading, evaluation.stop()])
      await shares.close()
    },
  }
}

type Ringing = ReturnType<typeof createRinging>

/** Rings orders in batches, none of them again before what it was rung for is done. */
function createRinging(
  process: Process,
  refresh: (batch: readonly OrderId[]) => Promise<void>,
  onFault: (error: unknown) => void,
) {
  const rung = new Set<OrderId>()
  const undone = new Set<OrderId>()

  async function move(batch: readonly OrderId[]): Promise<void> {
    for (const id of await process(batch)) undone.add(id)
    await refresh(batch)
  }

  function ring(ids: readonly OrderId[]): void {
    const fresh = ids.filter((id) => !rung.has(id))
    for (let i = 0; i < fresh.length; i += MAX_RINGS) {
      const batch = fresh.slice(i, i + MAX_RINGS)
      for (const id of batch) rung.add(id)
      move(batch)
        .catch(onFault)
        .finally(() => {
          for (const id of batch) rung.delete(id)
        })
    }
  }

  return {
    ring,
    /** Rings those again that could not be moved on: the price that rang for them may not move again. */
    ringUndone(): void {
      const ids = [...undone]
      undone.clear()
      ring(ids)
    },
  }
}

/** Keeps the groups as the store has the orders. `owe`: these have orders that have not been looked at. */
function createReading(
  groups: RestingGroups,
  owe: (changed: readonly RestingGroup[]) => void,
  { resting, clock }: MarketWatchDeps,
) {
  let readAt: Millis | null = null
  let isStopped = false

  const note = (orders: readonly RestingOrder[]) => owe(orders.flatMap((order) => groups.set(order) ?? []))

  async function loadAll(): Promise<void> {
    for (let next: Promise<readonly RestingOrder[]> | null = resting.page(null, PAGE); next !== null; ) {
      const page: readonly RestingOrder[] = await next
      if (isStopped) return
      // The store reads the next page while this one is taken in.
      next = page.length < PAGE ? null : resting.page(page.at(-1)?.id ?? null, PAGE)
      note(page)
    }
  }

  return {
    /** Whether all orders have been read once. */
    isWhole: () => readAt !== null,
    /** All orders until that has once succeeded, from then on those that are new since the last read that did. */
    async read(): Promise<void> {
      const now = clock.now()
      if (readAt === null) await loadAll()
      else note(await resting.recent(Math.max(0, now - readAt) + OVERLAP_MS))
      readAt = now
    },
    async refresh(ids: readonly OrderId[]): Promise<void> {
      const found = await resting.find(ids)
      const known = new Set(found.map(({ id }) => id))
      for (const id of ids) if (!known.has(id)) groups.delete(id)
      note(found)
    },
    stop(): void {
      isStopped = true
    },
  }
}

/** Looks at the groups to which a look is owed, and rings the orders whose price has come. */
function createEvaluation(isMine: IsMine, { ring, ringUndone }: Ringing, deps: MarketWatchDeps) {
  const { clock, observe, looks, nextTurn } = deps
  const owed = createOwedLooks()
  let caughtUpAt = clock.now()
  let isSlotOver = false
  let seesMarket = false
  let isStopped = false
  const evaluating = whileDue(
    () => !isStopped && (isSlotOver || owed.areAny()),
    () =>
      evaluate().catch((error) => {
        seesMarket = false
        observe.fault('market', error)
      }),
  )

  /** Changes that come meanwhile are taken together afterwards. */
  async function evaluate(): Promise<void> {
    if (isSlotOver) {
      isSlotOver = false
      ring(looks.holding())
      ringUndone()
    }
    for (const group of owed.now()) {
      await new Promise<void>(nextTurn)
      if (isStopped) return
      ring(await owed.look(group, () => (isMine(group.pair) ? crossedIn(group, deps) : NOTHING_CROSSED)))
    }
    caughtUpAt = clock.now()
  }

  return {
    owe(changed: readonly RestingGroup[]): void {
      owed.add(changed)
      evaluating.begin()
    },
    slot(changed: readonly RestingGroup[]): void {
      isSlotOver = true
      seesMarket = true
      owed.add(changed)
      owed.addUnsure()
      evaluating.begin()
    },
    /** Whether a slot was seen since the last question, and could be read. */
    hasSeenMarket(): boolean {
      const isSeeing = seesMarket
      seesMarket = false
      return isSeeing
    },
    caughtUpAt: () => caughtUpAt,
    async stop(): Promise<void> {
      isStopped = true
      await evaluating.idle()
    },
  }
}

type Crossed = { readonly crossed: readonly OrderId[]; readonly isWhole: boolean }

const NOTHING_CROSSED: Crossed = { crossed: [], isWhole: true }

/** Which groups are to be looked at, in the order in which they came. */
function createOwedLooks() {
  const owed = new Set<RestingGroup>()
  /** Not seen whole: the venue that was away may be back with the same prices as before. */
  const unsure = new Set<RestingGroup>()
  return {
    add(changed: readonly RestingGroup[]): void {
      for (const group of changed) owed.add(group)
    },
    addUnsure(): void {
      for (const group of [...unsure].slice(0, UNSURE_PER_SLOT)) owed.add(group)
    },
    areAny: () => owed.size > 0,
    now: (): readonly RestingGroup[] => [...owed],
    async look(group: RestingGroup, read: () => Crossed | Promise<Crossed>): Promise<readonly OrderId[]> {
      owed.delete(group)
      // Behind those that have waited longer. A read that fails leaves it there.
      unsure.delete(group)
      unsure.add(group)
      const { crossed, isWhole } = await read()
      if (isWhole) unsure.delete(group)
      return crossed
    },
  }
}

/** The orders of the group whose price has come, and whether every venue has answered. */
async function crossedIn(group: RestingGroup, { clock, pricesFor }: MarketWatchDeps): Promise<Crossed> {
  group.unseenSince ??= clock.now()
  const { prices, isWhole } = await pricesFor(group)
  if (prices === null) return { crossed: [], isWhole }
  group.unseenSince = null
  return { crossed: group.index.crossed(prices, clock.now()), isWhole }
}
