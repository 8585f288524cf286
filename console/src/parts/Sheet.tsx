// Owns small tables: all rows at once, figures to the right, in a narrow window fewer columns.

import type { ComponentChildren, JSX } from 'preact'
import './sheet.css'

export type SheetColumn<Row> = {
  readonly name: string
  readonly head: ComponentChildren
  readonly isNumber?: boolean
  /** Not shown in a narrow window. */
  readonly isWideOnly?: boolean
  cell(row: Row): ComponentChildren
}

type Props<Row> = {
  readonly label: string
  readonly columns: readonly SheetColumn<Row>[]
  readonly rows: readonly Row[]
  keyOf(row: Row): string
  /** Instead of rows, where there are none. */
  readonly empty: ComponentChildren
}

export function Sheet<Row>({ label, columns, rows, keyOf, empty }: Props<Row>): JSX.Element {
  const classOf = ({ isNumber, isWideOnly }: SheetColumn<Row>) =>
    `${isNumber === true ? 'number' : ''} ${isWideOnly === true ? 'wide-only' : ''}`
  return (
    <table class="sheet" aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.name} scope="col" class={`label ${classOf(column)}`}>
              {column.head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map((column) => (
              <td key={column.name} class={classOf(column)}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
        {rows.length > 0 ? null : (
          <tr>
            <td colSpan={columns.length} class="sheet-empty">
              {empty}
            </td>
          </tr>
        )}
      </tbody>
    </table>
  )
}
