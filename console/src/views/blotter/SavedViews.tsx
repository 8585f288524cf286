// Owns saved views: names for links. A view that others are to have is sent to them as its address.

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { linkTo } from '../../location.ts'
import { copy } from '../../orderActs.ts'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Field } from '../../parts/Field.tsx'
import { savedViews } from '../../settings.ts'
import { type Filter, inWords, paramsOf } from './filter.ts'

const queryOf = (filter: Filter) => linkTo('blotter', paramsOf(filter)).split('?')[1] ?? ''

export function SavedViews({ filter }: { readonly filter: Filter }): JSX.Element {
  const [isOpen, setOpen] = useState(false)
  const current = queryOf(filter)
  return (
    <div class="saved">
      {savedViews.value.map(({ name, query }) => (
        <a key={name} href={`#/blotter?${query}`} aria-current={query === current ? 'true' : undefined}>
          {name}
        </a>
      ))}
      <Button onClick={() => setOpen(true)}>Save view</Button>
      {isOpen ? <SaveDialog filter={filter} query={current} onClose={() => setOpen(false)} /> : null}
    </div>
  )
}

type Props = { readonly filter: Filter; readonly query: string; readonly onClose: () => void }

function SaveDialog({ filter, query, onClose }: Props): JSX.Element {
  const known = savedViews.value.find((each) => each.query === query)
  const [name, setName] = useState(known?.name ?? '')
  const others = savedViews.value.filter((each) => each !== known && each.name !== name.trim())

  function submit(event: Event): void {
    event.preventDefault()
    if (name.trim() === '') return
    savedViews.value = [...others, { name: name.trim(), query }]
    onClose()
  }

  return (
    <Dialog title="Save this view" onClose={onClose}>
      <form onSubmit={submit}>
        <p class="soft">It shows {inWords(filter)}. It is kept in this browser; its address works in any.</p>
        <Field label="Name" value={name} onInput={setName} autoFocus />
        <div class="acts">
          <Button onClick={() => void copy(location.href, 'The address')}>Copy its address</Button>
          {known === undefined ? null : (
            <Button
              onClick={() => {
                savedViews.value = savedViews.value.filter((each) => each !== known)
                onClose()
              }}
            >
              Forget it
            </Button>
          )}
          <Button kind="main" type="submit" disabled={name.trim() === ''}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
