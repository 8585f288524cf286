// Owns the window on a long list: which of its rows are in sight, whatever its length.

import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from '@tanstack/virtual-core'
import type { RefObject } from 'preact'
import { useEffect, useReducer, useRef } from 'preact/hooks'

type Options = {
  readonly count: number
  readonly scroller: RefObject<HTMLElement | null>
  /** Height of a row in px, as long as it is not measured. */
  readonly size: number
  /** Room above the first row in the scroller: its head. */
  readonly head?: number
}

export type Window = {
  readonly items: readonly VirtualItem[]
  readonly height: number
  scrollTo(row: number): void
  /** For `ref` of a row whose height varies; it carries `data-index`. */
  measure(row: Element | null): void
}

export function useWindow({ count, scroller, size, head = 0 }: Options): Window {
  const [, draw] = useReducer((drawn: number) => drawn + 1, 0)
  const options = {
    count,
    estimateSize: () => size,
    getScrollElement: () => scroller.current,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => draw(undefined),
    overscan: 4,
    paddingStart: head,
    scrollPaddingStart: head,
  }
  const own = useRef<Virtualizer<HTMLElement, Element> | null>(null)
  own.current ??= new Virtualizer<HTMLElement, Element>(options)
  const virtualizer = own.current
  virtualizer.setOptions(options)
  useEffect(() => virtualizer._didMount(), [virtualizer])
  useEffect(() => virtualizer._willUpdate())
  return {
    items: virtualizer.getVirtualItems(),
    height: virtualizer.getTotalSize(),
    scrollTo: (row) => virtualizer.scrollToIndex(row, { align: 'auto' }),
    measure: virtualizer.measureElement,
  }
}
