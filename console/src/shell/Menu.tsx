// Owns what is chosen for this browser: theme, time zone, key; and the ways to what is beside the console.

import type { JSX } from 'preact'
import { hasKey, useKey } from '../engine.ts'
import { Button } from '../parts/Button.tsx'
import { Dialog } from '../parts/Dialog.tsx'
import { type Theme, theme, type Zone, zone } from '../settings.ts'
import { isHelpOpen, isKeyOpen, isMenuOpen } from './state.ts'

const themes: readonly Theme[] = ['system', 'light', 'dark']
const zones: readonly (readonly [Zone, string])[] = [
  ['utc', 'UTC'],
  ['local', 'this computer’s'],
]

export function Menu(): JSX.Element {
  const close = () => {
    isMenuOpen.value = false
  }
  return (
    <Dialog title="Settings" onClose={close}>
      <fieldset class="choice">
        <legend class="label">Theme</legend>
        {themes.map((name) => (
          <Button
            key={name}
            pressed={theme.value === name}
            onClick={() => {
              theme.value = name
            }}
          >
            {name}
          </Button>
        ))}
      </fieldset>
      <fieldset class="choice">
        <legend class="label">Time</legend>
        {zones.map(([name, label]) => (
          <Button
            key={name}
            pressed={zone.value === name}
            onClick={() => {
              zone.value = name
            }}
          >
            {label}
          </Button>
        ))}
      </fieldset>
      <fieldset class="choice">
        <legend class="label">Key</legend>
        <Button
          onClick={() => {
            close()
            isKeyOpen.value = true
          }}
        >
          {hasKey ? 'Use another key' : 'Use a key'}
        </Button>
        {hasKey ? <Button onClick={() => useKey(null)}>Forget the key</Button> : null}
      </fieldset>
      <p>
        <a href="./docs">The interface</a> · <a href="./openapi.json">openapi.json</a> ·{' '}
        <a href="./asyncapi.json">asyncapi.json</a> · <a href="./llms.txt">llms.txt</a>
      </p>
      <div class="acts">
        <Button
          keys="?"
          onClick={() => {
            close()
            isHelpOpen.value = true
          }}
        >
          Keys
        </Button>
        <Button onClick={close}>Close</Button>
      </div>
    </Dialog>
  )
}
