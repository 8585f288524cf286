// Owns asking for an API key: kept for this tab, and never in the URL.

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { hasKey, keyProblem, useKey } from '../engine.ts'
import { Button } from '../parts/Button.tsx'
import { Command } from '../parts/Command.tsx'
import { Dialog } from '../parts/Dialog.tsx'
import { Field } from '../parts/Field.tsx'
import { isKeyOpen } from './state.ts'

const FORM = /^oee_\w+_[\w-]+$/

export function KeyDialog(): JSX.Element {
  const [text, setText] = useState('')
  const [isAsked, setAsked] = useState(false)
  const isForm = FORM.test(text.trim())
  const problem =
    isAsked && !isForm
      ? 'A key begins with oee_, its id and another underscore.'
      : keyProblem.value === 'key_invalid' && text === ''
        ? 'The engine does not know this key: it may be revoked, expired or misspelled.'
        : undefined
  const isNeeded = keyProblem.value !== null

  function submit(event: Event): void {
    event.preventDefault()
    setAsked(true)
    if (isForm) useKey(text.trim())
  }

  return (
    <Dialog
      title={isNeeded ? 'This engine asks for a key' : 'Use another key'}
      {...(isNeeded
        ? {}
        : {
            onClose: () => {
              isKeyOpen.value = false
            },
          })}
    >
      <form onSubmit={submit}>
        <Field
          label="API key"
          type="password"
          value={text}
          onInput={setText}
          problem={problem}
          hint="Kept for this tab only, and sent to this engine alone."
          autoFocus
        />
        <p class="soft">
          Make one beside the engine:{' '}
          <Command line="npm run -s keys -- create --name console --scopes trade,read,admin" />
        </p>
        <div class="acts">
          {hasKey ? <Button onClick={() => useKey(null)}>Forget the key</Button> : null}
          <Button kind="main" type="submit">
            Use this key
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
