// Owns tables of any length: only the rows in sight exist, the arrows move in it, and its columns never change their width.

import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useWindow } from './virtual.ts'

export type Column<Row> = {
  readonly name: string
  readonly head: ComponentChildren
  /** As in `grid-template-columns`. */
  readonly width: string
  readonly isNumber?: boolean
  /** Not shown in a narrow window. */
  readonly isWideOnly?: boolean
  cell(row: Row): ComponentChildren
}

type Props<Row> = {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  keyOf(row: Row): string
  /** The row that the keyboard is on; it stays on its row while others come and go. */
  readonly active: string | null
  readonly onActive: (key: string) => void
  readonly onOpen?: (row: Row) => void
  /** Instead of rows, where there are none. */
  readonly empty: ComponentChildren
  /** Behind the last row. */
  readonly foot?: ComponentChildren
  /** Kept up to date with the rows that are drawn. */
  readonly sight?: { current: readonly Row[] }
  /** Of a row that needs attention. */
  toneOf?(row: Row): 'warn' | 'bad' | undefined
}

export function DataTable<Row>(props: Props<Row>): JSX.Element {
  const { label, columns, rows, keyOf, active, onActive, onOpen, empty, foot, sight, toneOf } = props
  const scroller = useRef<HTMLDivElement>(null)
  const id = useId()
  const [size, setSize] = useState(28)
  const isNarrow = useNarrow()
  const shown = isNarrow ? columns.filter(({ isWideOnly }) => isWideOnly !== true) : columns
  const window = useWindow({ count: rows.length, scroller, size, head: size })
  if (sight !== undefined) {
    const [first, last] = [window.items[0]?.index ?? 0, window.items.at(-1)?.index ?? -1]
    sight.current = rows.slice(first, last + 1)
  }
  const place = active === null ? -1 : rows.findIndex((row) => keyOf(row) === active)
  // Where it was before it left the rows: the arrows go on from there.
  const lastPlace = useRef(0)
  if (place >= 0) lastPlace.current = place

  useLayoutEffect(() => {
    const { current } = scroller
    if (current === null) return
    current.style.setProperty('--columns', shown.map(({ width }) => width).join(' '))
    setSize(Number.parseFloat(getComputedStyle(current).getPropertyValue('--row')) || 28)
  })

  // Whatever has moved it, the row that the keyboard is on is in sight.
  useEffect(() => {
    if (place >= 0) window.scrollTo(place)
  }, [active])

  function moveTo(next: number): void {
    const row = rows[Math.max(0, Math.min(rows.length - 1, next))]
    if (row === undefined) return
    onActive(keyOf(row))
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / size) - 2)
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: place < 0 ? lastPlace.current : place + 1,
      ArrowUp: lastPlace.current - 1,
      PageDown: lastPlace.current + page,
      PageUp: lastPlace.current - page,
      Home: 0,
      End: rows.length - 1,
    }
    const next = steps[event.key]
    const row = rows[place]
    if (next !== undefined) moveTo(next)
    else if (event.key === 'Enter' && row !== undefined) onOpen?.(row)
    else return
    event.preventDefault()
  }

  return (
    <div ref={scroller} class="table">
      <div
        class="table-grid"
        role="grid"
        tabIndex={0}
        aria-label={label}
        aria-rowcount={rows.length + 1}
        aria-activedescendant={place >= 0 ? `${id}-${active}` : undefined}
        onKeyDown={onKeyDown}
      >
        <div role="rowgroup" class="table-head">
          <div role="row" class="table-row" aria-rowindex={1}>
            {shown.map(({ name, head, isNumber }) => (
              <div key={name} role="columnheader" class={isNumber ? 'label number' : 'label cut'}>
                {head}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" class="table-body" style={{ height: `${Math.max(0, window.height - size)}px` }}>
          {window.items.map(({ index, start }) => {
            const row = rows[index]
            return row === undefined ? null : drawn(row, index, start - size)
          })}
        </div>
      </div>
      {rows.length === 0 ? <div class="table-empty">{empty}</div> : null}
      {foot === undefined ? null : <div class="table-foot">{foot}</div>}
    </div>
  )

  function drawn(row: Row, index: number, top: number): JSX.Element {
    const key = keyOf(row)
    return (
      <div
        key={key}
        id={`${id}-${key}`}
        role="row"
        aria-rowindex={index + 2}
        aria-selected={key === active}
        class={`table-row ${toneOf?.(row) ?? ''}`}
        style={{ transform: `translateY(${top}px)` }}
        onClick={() => {
          onActive(key)
          if (COARSE.matches) onOpen?.(row)
        }}
        onDblClick={() => onOpen?.(row)}
      >
        {shown.map(({ name, isNumber, cell }) => (
          <div key={name} role="gridcell" class={isNumber ? 'number' : 'cut'}>
            {cell(row)}
          </div>
        ))}
      </div>
    )
  }
}

/** A finger has no double click and no Enter: it opens with a tap. */
const COARSE = matchMedia('(pointer: coarse)')
const NARROW = matchMedia('(max-width: 760px)')

/** Whether the window has room for few columns. */
function useNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(NARROW.matches)
  useEffect(() => {
    const change = () => setNarrow(NARROW.matches)
    NARROW.addEventListener('change', change)
    return () => NARROW.removeEventListener('change', change)
  }, [])
  return isNarrow
}
