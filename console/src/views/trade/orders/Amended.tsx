// Owns what a change of an order would mean now, from the preview of the order as it would be.

import { useSignal } from '@preact/signals'
import type { Order } from 'oee-client'
import type { JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { client } from '../../../engine.ts'
import type { Form } from '../model/form.ts'
import { formAmended } from '../model/request.ts'
import { openPreviews } from '../ticket/previews.ts'

type Props = {
  readonly order: Order
  /** As changes of the order name them. */
  readonly changes: Form
}

export function Amended({ order, changes }: Props): JSX.Element {
  const form = useSignal<Form>(formAmended(order, changes) ?? {})
  const previews = useMemo(() => openPreviews(form, (body, options) => client.preview(body, options)), [])
  useEffect(() => previews.close, [])
  useEffect(() => {
    form.value = formAmended(order, changes) ?? {}
  }, [JSON.stringify(changes)])

  const answer = previews.answer.value
  return (
    <div class={previews.isStale.value ? 'amended stale' : 'amended'} aria-live="polite">
      {answer.kind === 'allowed' ? <p class="ticket-summary">{answer.preview.summary}</p> : null}
      {warningsOf(answer).map((text) => (
        <p key={text} class="warn">
          {text}
        </p>
      ))}
    </div>
  )
}

/** What a new order would be denied for, a change is not: it is a warning. */
function warningsOf(answer: ReturnType<typeof openPreviews>['answer']['value']): readonly string[] {
  switch (answer.kind) {
    case 'denied':
      return [...answer.denial.general, ...Object.values(answer.denial.fields)]
    case 'allowed':
      // The order itself holds what it sells.
      return answer.preview.warnings.filter(({ code }) => code !== 'unfunded').map(({ detail }) => detail)
    default:
      return []
  }
}
