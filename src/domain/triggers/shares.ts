// Owns the sharing out of pairs over processes: rendezvous hashing (Thaler and Ravishankar, 1998), so that a process that
// comes or goes moves its own share and no other.

/** Which of the watchers has the pair: the same for the same ones in any order. Null when there is none. */
export function watcherOf(pair: string, watchers: readonly string[]): string | null {
  let [found, most]: [string | null, number] = [null, -1]
  for (const watcher of watchers) {
    const weight = weightOf(`${watcher} ${pair}`)
    if (weight < most || (weight === most && found !== null && found <= watcher)) continue
    ;[found, most] = [watcher, weight]
  }
  return found
}

/** FNV-1a of 32 bits, its bits then mixed as MurmurHash3 does: texts that differ in one letter must not be near each other. */
function weightOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
