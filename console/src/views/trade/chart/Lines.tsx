// Owns the labels of the lines on the chart: each says what it is and is moved by arrows or by the pointer.

import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { price as priceText } from '../../../format.ts'
import { plain } from '../model/decimal.ts'
import { type Line, labelPlaces, stepped } from '../model/lines.ts'
import type { PriceChart } from './priceChart.ts'

export type Moved = { readonly id: string; readonly price: number }

export type LineActs = {
  /** Shows the line at another price; null: where its order has it. */
  onMove(moved: Moved | null): void
  /** The line is to stay there: what that would mean is asked. */
  onPropose(line: Line, price: number): void
}

type Props = LineActs & {
  readonly lines: readonly Line[]
  readonly moved: Moved | null
  readonly chart: PriceChart
  readonly height: number
  readonly unit: string
}

const FAR = 10
const steps: Readonly<Record<string, number>> = { ArrowUp: 1, ArrowDown: -1, PageUp: FAR, PageDown: -FAR }

export function Lines({ lines, moved, chart, height, unit, onMove, onPropose }: Props): JSX.Element {
  const priced = lines.map((line) => (moved?.id === line.id ? { ...line, price: moved.price } : line))
  const heights = priced.map(({ id, price }) => ({ id, y: chart.yOf(price) ?? 0 }))
  const places = labelPlaces(heights, height - chart.axisHeight())
  return (
    <ul class="lines" aria-label="Lines of working orders">
      {priced.map((line) => (
        <LineLabel
          key={line.id}
          line={line}
          y={places.get(line.id) ?? 0}
          isMoved={moved?.id === line.id}
          chart={chart}
          unit={unit}
          onMove={onMove}
          onPropose={onPropose}
        />
      ))}
    </ul>
  )
}

type LabelProps = LineActs & {
  readonly line: Line
  readonly y: number
  readonly isMoved: boolean
  readonly chart: PriceChart
  readonly unit: string
}

function LineLabel({ line, y, isMoved, chart, unit, onMove, onPropose }: LabelProps): JSX.Element {
  const dragFrom = useRef<number | null>(null)
  const { id, kind, label, price, isMovable } = line
  const text = `${priceText(plain(price, 8))} ${unit}`
  const place = (item: HTMLElement | null) =>
    item?.style.setProperty('transform', `translateY(${Math.round(y)}px)`)
  if (!isMovable) {
    return (
      <li ref={place} class={`line ${kind}`}>
        <span class="line-label">{label}</span>
      </li>
    )
  }
  return (
    <li ref={place} class={isMoved ? `line ${kind} moved` : `line ${kind}`}>
      <div
        class="line-label movable"
        role="slider"
        tabIndex={0}
        aria-orientation="vertical"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={price * 10}
        aria-valuenow={price}
        aria-valuetext={text}
        aria-keyshortcuts="ArrowUp ArrowDown Enter Escape"
        onKeyDown={(event) => {
          const by = (steps[event.key] ?? 0) * (event.shiftKey ? FAR : 1)
          if (by !== 0) onMove({ id, price: stepped(price, by) })
          else if (event.key === 'Enter') onPropose(line, price)
          else if (event.key === 'Escape' && isMoved) onMove(null)
          else return
          event.preventDefault()
        }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          dragFrom.current = event.clientY - (chart.yOf(price) ?? 0)
        }}
        onPointerMove={(event) => {
          if (dragFrom.current === null) return
          const next = chart.priceAt(event.clientY - dragFrom.current)
          if (next !== null && next > 0) onMove({ id, price: stepped(next, 0) })
        }}
        onPointerUp={() => {
          dragFrom.current = null
          if (isMoved) onPropose(line, price)
        }}
        onPointerCancel={() => {
          dragFrom.current = null
          onMove(null)
        }}
      >
        {label}
        {isMoved ? <b>{text}, Enter</b> : null}
      </div>
    </li>
  )
}
