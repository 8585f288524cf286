// Owns how the simulated market is written as JSON: with bigint and Map, neither of which JSON has.

/** bigint in JSON is text with an n behind it, a map is the list of its entries under a name of its own. */
export const toJson = (value: unknown) =>
  JSON.stringify(value, (_key, v) => {
    if (typeof v === 'bigint') return `${v}n`
    return v instanceof Map ? { $map: [...v] } : v
  })
export const fromJson = (text: string) =>
  JSON.parse(text, (_key, v) => {
    if (typeof v === 'string' && /^-?\d+n$/.test(v)) return BigInt(v.slice(0, -1))
    return typeof v === 'object' && v !== null && '$map' in v ? new Map(v.$map) : v
  })
