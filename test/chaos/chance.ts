// Owns chance: sequences that depend on their seed and name alone.

export type Chance = {
  /** A number in [0, 1). */
  next(): number
  /** A whole number from 0 to one below `limit`. */
  below(limit: number): number
  between(least: number, most: number): number
  pick<T>(items: readonly [T, ...T[]]): T
}

/** FNV-1a over seed and name into mulberry32. */
export function seeded(seed: number, name: string): Chance {
  let state = 0x811c9dc5
  for (const code of `${seed} ${name}`) state = Math.imul(state ^ code.charCodeAt(0), 0x01000193)
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    next,
    below,
    between: (least, most) => least + below(most - least + 1),
    pick: (items) => items[below(items.length)] ?? items[0],
  }
}
