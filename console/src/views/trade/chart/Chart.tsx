// Owns the price chart: the canvas, which is loaded when it is first shown, and the lines of working orders over it.

import { useSignal, useSignalEffect } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { shortTime } from '../../../format.ts'
import { Empty } from '../../../parts/Empty.tsx'
import { Problem } from '../../../parts/Problem.tsx'
import { zone } from '../../../settings.ts'
import type { Live } from '../live.ts'
import type { Line, LineKind } from '../model/lines.ts'
import type { Market } from '../model/pair.ts'
import type { Candles } from './candles.ts'
import { type LineActs, Lines, type Moved } from './Lines.tsx'
import { followTheme, lookOf } from './look.ts'
import type { DrawnLine, Mark, PriceChart } from './priceChart.ts'

type Props = LineActs & {
  readonly market: Market
  readonly candles: Live<Candles>
  readonly lines: readonly Line[]
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

export function Chart({ market, candles, lines, moved, fills, onMove, onPropose }: Props): JSX.Element {
  const { box, chart, frame } = useCanvas()
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

  // What was drawn last decides where the labels stand.
  frame.value
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
          height={box.current?.clientHeight ?? 0}
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
      <figcaption class="chart-credit">
        Chart: <a href="https://www.tradingview.com/">TradingView Lightweight Charts™</a>, © TradingView, Inc.
      </figcaption>
    </figure>
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
