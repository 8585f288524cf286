// Owns JSON with bigint and Map, for the state of the simulated market.

/** A bigint becomes text that ends in n, a Map the list of its entries under `$map`. */
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
