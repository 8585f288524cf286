// Owns the price chart: the canvas, which is loaded when it is first shown, and the lines of working orders over it.

import { type ReadonlySignal, useSignal, useSignalEffect } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { shortTime } from '../../../format.ts'
import { Empty } from '../../../parts/Empty.tsx'
import { Problem } from '../../../parts/Problem.tsx'
import { zone } from '../../../settings.ts'
import type { Live } from '../live.ts'
import { LABEL_PX, type Line, type LineKind, nearestLines } from '../model/lines.ts'
import type { Market } from '../model/pair.ts'
import type { Candles } from './candles.ts'
import { type LineActs, Lines, type Moved } from './Lines.tsx'
import { followTheme, lookOf } from './look.ts'
import type { DrawnLine, Mark, PriceChart } from './priceChart.ts'

type Props = LineActs & {
  readonly market: Market
  readonly candles: Live<Candles>
  /** All; the chart has those nearest to the price. */
  readonly lines: readonly Line[]
  readonly priceNow: number | null
  readonly moved: Moved | null
  readonly fills: readonly Mark[]
}

const tones: Readonly<Record<LineKind, Pick<DrawnLine, 'tone' | 'dash'>>> = {
  limit: { tone: 'brand', dash: 'dashed' },
  trigger: { tone: 'flow', dash: 'long' },
  trailing: { tone: 'flow', dash: 'dotted' },
  activation: { tone: 'soft', dash: 'long' },
  watermark: { tone: 'soft', dash: 'dotted' },
}

/** The canvas in `box` for as long as the component is there, and a count of what was drawn on it. */
function useCanvas() {
  const box = useRef<HTMLDivElement>(null)
  const chart = useSignal<PriceChart | null>(null)
  /** Counts what was drawn: the labels stand where the lines are then. */
  const frame = useSignal(0)

  useEffect(() => {
    const container = box.current
    if (container === null) return
    let close = () => {}
    let isClosed = false
    openIn(container, () => {
      if (!isClosed) frame.value += 1
    }).then((opened) => {
      if (isClosed) return opened.close()
      chart.value = opened
      const unfollow = followTheme(() => opened.setLook(lookOf(container)))
      close = () => {
        unfollow()
        opened.close()
      }
    })
    return () => {
      isClosed = true
      chart.value = null
      close()
    }
  }, [])
  return { box, chart, frame }
}

/** The lines whose labels have room, by what was drawn last. */
function useLines({ lines: all, priceNow }: Props, box: HTMLElement | null, chart: PriceChart | null) {
  const height = box?.clientHeight ?? 0
  const room = Math.max(0, Math.floor((height - (chart?.axisHeight() ?? 0)) / LABEL_PX))
  const lines = useMemo(() => nearestLines(all, priceNow, room), [all, priceNow, room])
  return { lines, height }
}

/** Keeps the canvas as the page is. */
function useDrawn(
  chart: ReadonlySignal<PriceChart | null>,
  { candles, moved, fills }: Props,
  lines: readonly Line[],
): void {
  useSignalEffect(() => {
    zone.value
    chart.value?.resetClock()
  })
  useSignalEffect(() => {
    if (candles.value.value !== null) chart.value?.setCandles(candles.value.value)
  })
  useEffect(() => {
    const drawn = lines.map(({ id, price, kind }) => ({
      id,
      price: moved?.id === id ? moved.price : price,
      ...tones[kind],
    }))
    chart.value?.setLines(drawn)
  }, [chart.value, lines, moved])
  useEffect(() => chart.value?.setMarks(fills), [chart.value, fills])
}

export function Chart(props: Props): JSX.Element {
  const { market, candles, moved, onMove, onPropose } = props
  const { box, chart, frame } = useCanvas()
  // With each drawing the labels stand elsewhere.
  frame.value
  const { lines, height } = useLines(props, box.current, chart.value)
  useDrawn(chart, props, lines)

  const { problem } = candles
  const hasNone = (candles.value.value?.list.length ?? 0) === 0 && problem.value === null
  return (
    <figure
      class="chart"
      aria-label={`Price of ${market.base} in ${market.quote}; the table of working orders has its lines`}
    >
      <div ref={box} class="chart-canvas" aria-hidden="true" />
      {chart.value === null || candles.value.value === null ? null : (
        <Lines
          lines={lines}
          moved={moved}
          chart={chart.value}
          height={height}
          unit={market.quote}
          onMove={onMove}
          onPropose={onPropose}
        />
      )}
      {problem.value === null ? null : (
        <div class="chart-over">
          <Problem message={problem.value} />
        </div>
      )}
      {hasNone ? (
        <div class="chart-over">
          <Empty title="No price has been seen yet.">
            The first candle comes with the next slot; that of a new token with its launch.
          </Empty>
        </div>
      ) : null}
      {chart.value === null ? null : <LeftOut shown={lines.length} all={props.lines.length} />}
      <figcaption class="chart-credit">
        Chart: <a href="https://www.tradingview.com/">TradingView Lightweight Charts™</a>, © TradingView, Inc.
      </figcaption>
    </figure>
  )
}

function LeftOut({ shown, all }: { readonly shown: number; readonly all: number }): JSX.Element | null {
  if (shown === all) return null
  return (
    <p class="soft trade-note">
      The chart has the {shown} lines nearest to the price, of {all}.
    </p>
  )
}

/** Draws are many and labels few: once a frame is enough. */
async function openIn(container: HTMLElement, onFrame: () => void): Promise<PriceChart> {
  const { openPriceChart } = await import('./priceChart.ts')
  let isDue = false
  const onDraw = () => {
    if (isDue) return
    isDue = true
    requestAnimationFrame(() => {
      isDue = false
      onFrame()
    })
  }
  return openPriceChart(container, { look: lookOf(container), clock: shortTime, onDraw })
}
