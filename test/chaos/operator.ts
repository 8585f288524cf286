// Owns whoever halts trading in a schedule and lets it go on: looks what is stored, and says it again until it is so.
import type { TradingState } from '../../src/domain/ports/trading.ts'
import type { EngineProcess } from './engine.ts'
import type { World } from './world.ts'

const LOOK_MS = 300

export type Operator = { want(state: TradingState['state']): void }

export function openOperator(
  { clock, note }: World,
  processVia: (number: number) => EngineProcess | undefined,
  stored: () => TradingState['state'],
): Operator {
  let wanted: TradingState['state'] = 'active'
  let asked = 0

  function look(): void {
    if (stored() !== wanted) {
      asked += 1
      processVia(asked)
        ?.trading?.set(wanted, 'operator')
        .catch(() => {})
    }
    clock.after(LOOK_MS, look)
  }
  look()

  return {
    want(state) {
      note(() => `trading is to be ${state}`)
      wanted = state
    },
  }
}
