// Owns the view Trade.

import type { JSX } from 'preact'
import { Empty } from '../../parts/Empty.tsx'

export function Trade(): JSX.Element {
  return <Empty title="Trade is not built yet." />
}
