// The contract of hints between processes, kept over Redis.
import { Redis } from 'ioredis'
import { afterEach, expect, test, vi } from 'vitest'
import { openBroadcast } from '../../src/queue/broadcast.ts'
import { createSystemRandom, systemClock } from '../../src/timing/system.ts'
import { newId } from '../support/orders.ts'
import { describeDistributed } from '../support/services.ts'

describeDistributed('hints between processes', ({ redisUrl }) => {
  const opened: ReturnType<typeof openBroadcast>[] = []
  afterEach(() => {
    for (const one of opened.splice(0)) one.close()
  })

  function open(prefix: string, url = redisUrl) {
    const onFault = vi.fn()
    const broadcast = openBroadcast(systemClock, createSystemRandom(), { redisUrl: url, prefix, onFault })
    opened.push(broadcast)
    return { broadcast, onFault }
  }

  /** Listens, and has begun to hear once this resolves. */
  async function hear(prefix: string, channel: string) {
    const { broadcast } = open(prefix)
    const [onText, onReconnect] = [vi.fn(), vi.fn()]
    const stop = broadcast.listen(channel, onText, onReconnect)
    await vi.waitFor(() => expect(onReconnect).toHaveBeenCalledOnce())
    return { broadcast, onText, onReconnect, stop }
  }

  test('what one process tells, those that listen hear in order, and nobody else', async () => {
    const prefix = newId()
    const [here, there] = [await hear(prefix, 'orders'), await hear(prefix, 'orders')]
    const [other, elsewhere] = [await hear(prefix, 'blocks'), await hear(newId(), 'orders')]
    for (const text of ['1', '2', '3']) here.broadcast.tell('orders', text)
    await vi.waitFor(() => expect(there.onText.mock.calls).toEqual([['1'], ['2'], ['3']]))
    expect([other.onText.mock.calls, elsewhere.onText.mock.calls]).toEqual([[], []])
  })

  test('who has stopped listening hears nothing more', async () => {
    const prefix = newId()
    const [stopped, witness] = [await hear(prefix, 'orders'), await hear(prefix, 'orders')]
    stopped.stop()
    witness.broadcast.tell('orders', 'late')
    await vi.waitFor(() => expect(witness.onText).toHaveBeenCalledOnce())
    expect(stopped.onText).not.toHaveBeenCalled()
  })

  test('after a lost connection a listener is told to look for itself, and hears again', async () => {
    const prefix = newId()
    const listener = await hear(prefix, 'orders')
    const admin = new Redis(redisUrl)
    await admin.client('KILL', 'TYPE', 'PUBSUB')
    await vi.waitFor(() => expect(listener.onReconnect).toHaveBeenCalledTimes(2), { timeout: 5_000 })
    const speaker = await hear(prefix, 'another')
    speaker.broadcast.tell('orders', 'again')
    await vi.waitFor(() => expect(listener.onText).toHaveBeenCalledWith('again'))
    admin.disconnect()
  })

  test('telling while Redis is away drops the hint and throws nothing', async () => {
    const { broadcast, onFault } = open(newId(), 'redis://127.0.0.1:1')
    await vi.waitFor(() => expect(onFault).toHaveBeenCalled())
    broadcast.tell('orders', 'nobody')
    broadcast.listen('orders', vi.fn(), vi.fn())
  })
})
