// Owns the view Portfolio.

import type { JSX } from 'preact'
import { Empty } from '../../parts/Empty.tsx'

export function Portfolio(): JSX.Element {
  return <Empty title="Portfolio is not built yet." />
}
