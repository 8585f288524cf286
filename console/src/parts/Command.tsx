// Owns a command to be copied: a narrow window breaks it between its words alone.

import type { JSX } from 'preact'

export function Command({ line }: { readonly line: string }): JSX.Element {
  return (
    <code>
      {line.split(' ').map((word, place) => (
        <>
          {place === 0 ? '' : ' '}
          <span class="command-word">{word}</span>
        </>
      ))}
    </code>
  )
}
