// Owns the view Market.

import type { JSX } from 'preact'
import { Empty } from '../../parts/Empty.tsx'

export function Market(): JSX.Element {
  return <Empty title="Market is not built yet." />
}
