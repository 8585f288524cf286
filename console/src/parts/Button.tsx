// Owns buttons: what they look like and that their key is shown.

import type { ComponentChildren, JSX } from 'preact'

type Props = {
  readonly children: ComponentChildren
  readonly onClick?: () => void
  /** `main`: what the page is for, at most one; `danger`: what cannot be undone. */
  readonly kind?: 'plain' | 'main' | 'danger'
  readonly type?: 'button' | 'submit'
  readonly keys?: string
  readonly disabled?: boolean
  readonly label?: string
  readonly pressed?: boolean
  readonly autoFocus?: boolean
}

export function Button({
  children,
  onClick,
  kind = 'plain',
  type = 'button',
  keys,
  disabled = false,
  label,
  pressed,
  autoFocus = false,
}: Props): JSX.Element {
  return (
    <button
      type={type}
      class={`button ${kind}`}
      onClick={onClick}
      disabled={disabled}
      aria-label={label}
      aria-pressed={pressed}
      autofocus={autoFocus}
      aria-keyshortcuts={keys?.replace('Ctrl', 'Control')}
    >
      {children}
      {keys === undefined ? null : <kbd aria-hidden="true">{keys}</kbd>}
    </button>
  )
}
