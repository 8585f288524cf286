// Owns the list of keys: what they do where the page is.

import type { JSX } from 'preact'
import { registered } from '../keys.ts'
import { Button } from '../parts/Button.tsx'
import { Dialog } from '../parts/Dialog.tsx'
import { isHelpOpen } from './state.ts'

export function Help(): JSX.Element {
  const close = () => {
    isHelpOpen.value = false
  }
  return (
    <Dialog title="Keys" onClose={close} wide>
      <div class="keys">
        {registered.value.map(({ title, acts }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {acts
                .filter(({ keys }) => keys !== undefined)
                .map(({ keys = '', label }) => (
                  <div key={keys}>
                    <dt>
                      {keys.split(' ').map((key) => (
                        <kbd key={key}>{key}</kbd>
                      ))}
                    </dt>
                    <dd>{label}</dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
      <div class="acts">
        <Button onClick={close}>Close</Button>
      </div>
    </Dialog>
  )
}
