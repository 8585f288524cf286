// Owns the width of an element, for what is drawn to fit it.

import { useLayoutEffect, useState } from 'preact/hooks'

/** Px; 0 until it is known. */
export function useWidth(own: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const { current } = own
    if (current === null) return
    setWidth(current.clientWidth)
    const observer = new ResizeObserver(() => setWidth(current.clientWidth))
    observer.observe(current)
    return () => observer.disconnect()
  }, [])
  return width
}
