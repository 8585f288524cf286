// Owns group commit: the next batch gathers while one write is in progress, then goes as one write. There are no timers.

type Waiting<T, R> = { readonly item: T; resolve(result: R): void; reject(error: unknown): void }

/**
 * Returns a function that writes items in batches, one batch at a time, in the order given, and resolves with each item's own
 * result. `write` returns one result per item; if it throws, every item of that batch is rejected. `defer` starts the first
 * batch after idle time: items that arrive until then share it.
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
