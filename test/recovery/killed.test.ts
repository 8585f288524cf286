// A process that is ended over HTTP, as kill -9 would: nothing is lost or doubled by it.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { post, send } from '../support/client.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { killAll, startEngine } from './engineProcess.ts'

type System = { readonly processes: readonly { readonly processId: string }[] }

let folder: Awaited<ReturnType<typeof freshFolder>>
beforeEach(async () => {
  folder = await freshFolder()
})
afterEach(async () => {
  await killAll()
  folder.remove()
})

test('a process answers, ends at once, and the next one completes its orders', async () => {
  const settings = { DATA_DIR: folder.path, SIM_SLOT_MS: '50' }
  const first = await startEngine(settings)
  const order = { type: 'market', tokenIn: 'A', tokenOut: 'B', amountIn: '100', slippageBps: 1_000 }
  const placed = await Promise.all(
    Array.from({ length: 20 }, () => post(`${first.url}/api/orders/execute`, order)),
  )
  expect(placed.map(({ status }) => status)).toEqual(placed.map(() => 201))
  const [self] = (await send<System>(`${first.url}/api/system`)).body.processes
  const reply = await send(`${first.url}/api/simulation/processes/${self?.processId}`, { method: 'DELETE' })
  expect(reply).toMatchObject({ status: 202, body: { processId: self?.processId } })
  const { code } = await first.exited
  expect([code, first.child.signalCode]).toEqual([null, 'SIGKILL'])

  const second = await startEngine(settings)
  await expect
    .poll(async () => (await send(`${second.url}/api/simulation/audit`)).body, { timeout: 45_000 })
    .toMatchObject({ orders: 20, underWay: 0, confirmed: 20, swaps: 20, lost: 0, doubled: 0 })
  const [next] = (await send<System>(`${second.url}/api/system`)).body.processes
  expect(next?.processId).not.toBe(self?.processId)
}, 120_000)
