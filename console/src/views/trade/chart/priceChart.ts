// Owns the drawing of prices: candles, lines at prices and marks of fills, on a canvas of lightweight-charts.

import {
  type AutoscaleInfo,
  type CandlestickData,
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  type IPriceLine,
  LineStyle,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts'
import type { Candle } from 'oee-client'
import type { Candles } from './candles.ts'

/** Colors and the font, as the page has them. */
export type Look = Readonly<Record<'ink' | 'soft' | 'line' | 'paper' | 'brand' | 'flow' | 'font', string>>

export type DrawnLine = {
  readonly id: string
  readonly price: number
  readonly tone: 'brand' | 'flow' | 'soft'
  readonly dash: 'dashed' | 'long' | 'dotted'
}

export type Mark = {
  readonly id: string
  readonly at: number
  readonly price: number
  readonly isBuy: boolean
}

export type PriceChart = {
  setCandles(candles: Candles): void
  setLines(lines: readonly DrawnLine[]): void
  setMarks(marks: readonly Mark[]): void
  setLook(look: Look): void
  /** The clock has changed: what it said is written anew. */
  resetClock(): void
  /** Pixels from the top; null while there is no scale. */
  yOf(price: number): number | null
  priceAt(y: number): number | null
  /** Pixels of the time axis, below the prices. */
  axisHeight(): number
  close(): void
}

const dashes = { dashed: LineStyle.Dashed, long: LineStyle.LargeDashed, dotted: LineStyle.Dotted } as const

/** Lines so near to the price take part in the scale; others stand at the edge. */
const NEAR = 0.05
/** Digits of a price on the axis. */
const DIGITS = 6

const timeOf = (at: string | number): UTCTimestamp =>
  Math.floor((typeof at === 'number' ? at : Date.parse(at)) / 1_000) as UTCTimestamp

const barOf = ({ at, open, high, low, close }: Candle): CandlestickData => ({
  time: timeOf(at),
  open: Number(open),
  high: Number(high),
  low: Number(low),
  close: Number(close),
})

export type ChartOptions = {
  readonly look: Look
  /** How a moment reads on the axis, in the zone of the page. */
  readonly clock: (ms: number) => string
  /** Called after anything has moved. */
  readonly onDraw: () => void
}

export function openPriceChart(container: HTMLElement, { look, clock, onDraw }: ChartOptions): PriceChart {
  const msOf = (time: Time) => Number(time) * 1_000
  // Labels that were written stay until they are given another function.
  const clockOptions = () => {
    const timeFormatter = (time: Time) => clock(msOf(time))
    return { localization: { timeFormatter }, timeScale: { tickMarkFormatter: timeFormatter } }
  }
  const { localization, timeScale } = clockOptions()
  const chart = createChart(container, {
    autoSize: true,
    layout: { attributionLogo: false },
    // Vertical drags on a phone scroll the page.
    handleScroll: { vertTouchDrag: false },
    timeScale: {
      rightOffset: 4,
      timeVisible: true,
      secondsVisible: true,
      ...timeScale,
    },
    localization,
  })
  const series = chart.addSeries(CandlestickSeries, { lastValueVisible: true, priceLineVisible: false })
  const markers = createSeriesMarkers<Time>(series, [])
  let drawn = new Map<string, IPriceLine>()
  let lines: readonly DrawnLine[] = []
  let marks: readonly Mark[] = []
  let colors = look
  let shown: Candles = { of: '', list: [] }

  series.applyOptions({
    autoscaleInfoProvider: (original: () => AutoscaleInfo | null) =>
      scaleWith(original(), lines, shown.list.at(-1)),
  })
  series.attachPrimitive({ updateAllViews: onDraw })

  function setLook(next: Look): void {
    colors = next
    chart.applyOptions(chartLook(next))
    series.applyOptions(candleLook(next))
    setLines(lines)
    setMarks(marks)
  }

  function setCandles(next: Candles): void {
    const last = next.list.at(-1)
    // A scale is made for prices: one that had none yet begins with the first.
    const isNew = next.of !== shown.of || shown.list.length === 0
    const added = next.list.length - shown.list.length
    const isNext = !isNew && shown.list[0]?.at === next.list[0]?.at && (added === 0 || added === 1)
    if (isNext && last !== undefined) series.update(barOf(last))
    else series.setData(next.list.map(barOf))
    if (isNew && last !== undefined) {
      const precision = precisionOf(Number(last.close))
      series.applyOptions({ priceFormat: { type: 'price', precision, minMove: 10 ** -precision } })
      chart.timeScale().scrollToRealTime()
    }
    shown = next
  }

  function setLines(next: readonly DrawnLine[]): void {
    lines = next
    const kept = new Map<string, IPriceLine>()
    for (const { id, price, tone, dash } of next) {
      const options = {
        price,
        color: colors[tone],
        lineStyle: dashes[dash],
        lineWidth: 1,
        axisLabelVisible: true,
        title: '',
      } as const
      const line = drawn.get(id) ?? series.createPriceLine(options)
      line.applyOptions(options)
      kept.set(id, line)
    }
    for (const [id, line] of drawn) if (!kept.has(id)) series.removePriceLine(line)
    drawn = kept
  }

  function setMarks(next: readonly Mark[]): void {
    marks = next
    markers.setMarkers(
      marks.map((mark) => markerOf(mark, colors)).toSorted((a, b) => Number(a.time) - Number(b.time)),
    )
  }

  setLook(look)
  return {
    setCandles,
    setLines,
    setLook,
    setMarks,
    resetClock: () => chart.applyOptions(clockOptions()),
    yOf: (price) => series.priceToCoordinate(price),
    priceAt: (y) => series.coordinateToPrice(y),
    axisHeight: () => chart.timeScale().height(),
    close: () => chart.remove(),
  }
}

const chartLook = ({ ink, soft, line, paper, font }: Look) => ({
  layout: { background: { color: paper }, textColor: soft, fontFamily: font, fontSize: 11 },
  grid: { vertLines: { color: line }, horzLines: { color: line } },
  rightPriceScale: { borderColor: line },
  timeScale: { borderColor: line },
  crosshair: {
    vertLine: { color: soft, labelBackgroundColor: ink },
    horzLine: { color: soft, labelBackgroundColor: ink },
  },
})

/** Up is hollow, down is full: no color is needed to tell them apart. */
const candleLook = ({ ink, paper }: Look) => ({
  upColor: paper,
  downColor: ink,
  borderUpColor: ink,
  borderDownColor: ink,
  wickUpColor: ink,
  wickDownColor: ink,
})

const precisionOf = (price: number) => Math.min(12, Math.max(0, DIGITS - 1 - Math.floor(Math.log10(price))))

const markerOf = ({ id, at, price, isBuy }: Mark, { brand }: Look): SeriesMarker<Time> => ({
  id,
  time: timeOf(at),
  position: isBuy ? 'atPriceBottom' : 'atPriceTop',
  price,
  shape: isBuy ? 'arrowUp' : 'arrowDown',
  color: brand,
})

function scaleWith(
  info: AutoscaleInfo | null,
  lines: readonly DrawnLine[],
  last: Candle | undefined,
): AutoscaleInfo | null {
  if (info?.priceRange == null || last === undefined) return info
  const now = Number(last.close)
  const near = lines.flatMap(({ price }) => (Math.abs(price / now - 1) <= NEAR ? [price] : []))
  const { minValue, maxValue } = info.priceRange
  return {
    ...info,
    priceRange: { minValue: Math.min(minValue, ...near), maxValue: Math.max(maxValue, ...near) },
  }
}
