// Owns what stands where there is nothing: why, and what to do about it.

import type { ComponentChildren, JSX } from 'preact'

export function Empty({
  title,
  children,
}: {
  readonly title: string
  readonly children?: ComponentChildren
}): JSX.Element {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children === undefined ? null : <div class="soft">{children}</div>}
    </div>
  )
}
