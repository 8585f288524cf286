// Owns fields: a label, a control, and what is wrong with it, tied together for every reader.

import type { ComponentChildren, JSX } from 'preact'
import { useId } from 'preact/hooks'

type Common = {
  readonly label: string
  readonly value: string
  readonly onInput: (value: string) => void
  /** What is wrong with it, in the engine's words; the place for it is kept free. */
  readonly problem?: string | undefined
  readonly hint?: string | undefined
  readonly disabled?: boolean
}

type TextProps = Common & {
  readonly type?: 'text' | 'password' | 'datetime-local'
  readonly inputMode?: 'decimal' | 'numeric' | 'text'
  readonly placeholder?: string
  readonly unit?: ComponentChildren
  readonly autoFocus?: boolean
  readonly list?: readonly string[]
}

export function Field({
  label,
  value,
  onInput,
  problem,
  hint,
  disabled = false,
  type = 'text',
  inputMode,
  placeholder,
  unit,
  autoFocus = false,
  list,
}: TextProps): JSX.Element {
  const id = useId()
  return (
    <div class={problem === undefined ? 'field' : 'field wrong'}>
      <label for={id}>{label}</label>
      <span class="field-control">
        <input
          id={id}
          // The types let only some kinds of field have a list.
          type={type as 'text'}
          value={value}
          inputMode={inputMode}
          placeholder={placeholder}
          disabled={disabled}
          autocomplete="off"
          spellcheck={false}
          autofocus={autoFocus}
          list={list === undefined ? undefined : `${id}-list`}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-note`}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
        {unit === undefined ? null : <span class="field-unit">{unit}</span>}
        {list === undefined ? null : (
          <datalist id={`${id}-list`}>
            {list.map((each) => (
              <option key={each} value={each} />
            ))}
          </datalist>
        )}
      </span>
      <span id={`${id}-note`} class="field-note">
        {problem ?? hint ?? ''}
      </span>
    </div>
  )
}

type SelectProps = Common & {
  readonly options: readonly (readonly [value: string, label: string])[]
}

export function Select({
  label,
  value,
  onInput,
  problem,
  hint,
  disabled = false,
  options,
}: SelectProps): JSX.Element {
  const id = useId()
  return (
    <div class={problem === undefined ? 'field' : 'field wrong'}>
      <label for={id}>{label}</label>
      <span class="field-control">
        <select
          id={id}
          value={value}
          disabled={disabled}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-note`}
          onInput={(event) => onInput(event.currentTarget.value)}
        >
          {options.map(([each, text]) => (
            <option key={each} value={each}>
              {text}
            </option>
          ))}
        </select>
      </span>
      <span id={`${id}-note`} class="field-note">
        {problem ?? hint ?? ''}
      </span>
    </div>
  )
}
