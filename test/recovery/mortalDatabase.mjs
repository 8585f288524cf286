// Owns the life of one process' embedded database: loaded before the engine, it ends the database's thread at SIGUSR2, with
// an error, as running out of memory would, or (DATABASE_ENDS=silently) without one.
import { syncBuiltinESMExports } from 'node:module'
import threads from 'node:worker_threads'

if (threads.isMainThread) {
  const started = []
  threads.Worker = class extends threads.Worker {
    constructor(...given) {
      super(...given)
      started.push(this)
    }
  }
  syncBuiltinESMExports()
  process.on('SIGUSR2', () => {
    for (const thread of started) {
      if (process.env.DATABASE_ENDS === 'silently') thread.terminate()
      // No bytes of any protocol: the thread throws.
      else thread.postMessage(undefined)
    }
  })
}
