// Owns the life of one process' embedded database: loaded before the engine, it ends the database's thread at SIGUSR2, as
// running out of memory or a fault of its own would.
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
    for (const thread of started) thread.terminate()
  })
}
