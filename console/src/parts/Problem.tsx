// Owns how a fault looks where it happened: what is wrong, what to do, and what the logs call it.

import type { JSX } from 'preact'
import type { Message } from '../messages.ts'
import { Button } from './Button.tsx'

type Props = {
  readonly message: Message
  readonly onRetry?: () => void
}

export function Problem({ message, onRetry }: Props): JSX.Element {
  const { code, text, next, requestId, fields } = message
  return (
    <div class="problem" role="alert">
      <p>
        <span class="bad">{text}</span> {next}
      </p>
      {fields.length === 0 ? null : (
        <ul>
          {fields.map(({ field, code: fault, detail }) => (
            <li key={`${field} ${fault}`}>
              <code>{field}</code> {fault}: {detail}
            </li>
          ))}
        </ul>
      )}
      <p class="soft">
        <code>{code}</code>
        {requestId === null ? null : (
          <>
            , in the logs as <code>{requestId}</code>
          </>
        )}
      </p>
      {onRetry === undefined ? null : <Button onClick={onRetry}>Try again</Button>}
    </div>
  )
}
