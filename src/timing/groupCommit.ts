// Owns group commit: while one write is under way the next batch gathers, then goes as one. No timers.

type Waiting<T, R> = { readonly item: T; resolve(result: R): void; reject(error: unknown): void }

/**
 * A function that hands items to `write` in batches, one batch at a time, in the order given, and gives each its own
 * result. `write` returns one result per item; when it throws, every item of that batch is rejected. `defer` begins the
 * first batch after an idle time: what is asked for until it runs shares that batch.
 */
export function groupCommit<T, R>(
  maxBatch: number,
  defer: (begin: () => void) => void,
  write: (items: readonly T[]) => Promise<readonly R[]>,
): (item: T) => Promise<R> {
  let waiting: Waiting<T, R>[] = []
  let writing = false

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxBatch)
      waiting = waiting.slice(batch.length)
      try {
        const results = await write(batch.map(({ item }) => item))
        if (results.length !== batch.length)
          throw new Error(`${results.length} results for ${batch.length} items`)
        batch.forEach(({ resolve }, i) => {
          resolve(results[i] as R)
        })
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    writing = false
  }

  return (item) =>
    new Promise<R>((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (writing) return
      writing = true
      defer(() => void drain())
    })
}
