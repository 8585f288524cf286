// Owns the view System.

import type { JSX } from 'preact'
import { Empty } from '../../parts/Empty.tsx'

export function System(): JSX.Element {
  return <Empty title="System is not built yet." />
}
