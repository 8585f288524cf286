// Owns the fields of the filter. Every change is in the URL at once.

import type { JSX } from 'preact'
import { setParams } from '../../location.ts'
import { Button } from '../../parts/Button.tsx'
import { Field, Select } from '../../parts/Field.tsx'
import { type Filter, isEmpty, paramsOf, statusOptions } from './filter.ts'

const TYPES = [
  '',
  'market',
  'limit',
  'stop',
  'takeProfit',
  'trailingStop',
  'timeStop',
  'sniper',
  'oco',
  'twap',
]
const NOTHING: Filter = { status: '', type: '', token: '', text: '', parentId: '' }

export const clearFilter = (): void => setParams(paramsOf(NOTHING))

export function Filters({ filter }: { readonly filter: Filter }): JSX.Element {
  const change = (changes: Partial<Filter>) => setParams(paramsOf({ ...filter, ...changes }))
  return (
    <form
      class="filters"
      role="search"
      aria-label="Filter orders"
      onSubmit={(event) => event.preventDefault()}
    >
      <Field label="id or clientOrderId" value={filter.text} onInput={(text) => change({ text })} />
      <Field label="token" value={filter.token} onInput={(token) => change({ token })} />
      <Select
        label="type"
        value={filter.type}
        options={TYPES.map((type) => [type, type === '' ? 'any' : type] as const)}
        onInput={(type) => change({ type })}
      />
      <Select
        label="status"
        value={filter.status}
        options={statusOptions}
        onInput={(status) => change({ status })}
      />
      {isEmpty(filter) ? null : <Button onClick={clearFilter}>Clear</Button>}
    </form>
  )
}
