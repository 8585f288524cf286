// Owns dialogs: modal, with the focus held in them and given back.

import type { ComponentChildren, JSX } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'

type Props = {
  readonly title: string
  readonly children: ComponentChildren
  /** Absent: it cannot be closed without an answer. */
  readonly onClose?: () => void
  readonly wide?: boolean
}

export function Dialog({ title, children, onClose, wide = false }: Props): JSX.Element {
  const own = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  // Before the next key: what is typed on must not go to what is behind it.
  useLayoutEffect(() => {
    const before = document.activeElement
    const dialog = own.current
    if (dialog?.open === false) dialog.showModal()
    return () => {
      dialog?.close()
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={own}
      class={wide ? 'dialog wide' : 'dialog'}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault()
        onClose?.()
      }}
      // After a second Escape browsers close it, whatever was made of the first: one that needs its answer stays.
      onClose={() => {
        if (onClose === undefined) own.current?.showModal()
      }}
      onClick={(event) => {
        if (event.target === own.current) onClose?.()
      }}
    >
      <div class="dialog-body">
        <h2 id={titleId}>{title}</h2>
        {children}
      </div>
    </dialog>
  )
}
