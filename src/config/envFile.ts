// Owns the .env file: from bytes to text to keys and values. A line that cannot be read is a fault and is never skipped:
// the engine would start with settings that its operator did not write.

import { lstatSync, readFileSync } from 'node:fs'

/** The text of the file, or null if it does not exist. Throws with code ENV_FILE if it exists and cannot be read. */
export function readEnvFile(path: string): string | null {
  try {
    return decode(readFileSync(path))
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    const exists = lstatSync(path, { throwIfNoEntry: false }) !== undefined
    if (code === 'ENOENT' && !exists) return null
    const what = faults[code] ?? `cannot be read (${code})`
    throw Object.assign(new Error(`Configuration: ${path} ${what}.`), { code: 'ENV_FILE' })
  }
}

const faults: Readonly<Record<string, string>> = {
  ENOENT: 'is a link to a file that does not exist: remove the link, or create the file',
  EISDIR:
    'is a folder: remove it, or put a file there (Docker creates a folder when a file to mount is missing)',
  EACCES: 'may not be read by the user that runs the engine: give that user the right, or remove the file',
  ENCODING: 'is not text in UTF-8: save it as UTF-8',
}

/** Decodes UTF-8 or, as PowerShell writes files, UTF-16, without a byte order mark. */
function decode(bytes: Uint8Array): string {
  const mark = `${bytes[0]} ${bytes[1]}`
  const encoding = mark === '255 254' ? 'utf-16le' : mark === '254 255' ? 'utf-16be' : 'utf-8'
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
    if (!text.includes('\0')) return text
  } catch {
    // Reported below.
  }
  throw Object.assign(new Error(), { code: 'ENCODING' })
}

const LINE = /^(?:export\s+)?(?<key>[A-Za-z_]\w*)\s*=(?<rest>.*)$/
const QUOTED = /^(["'`])(?<text>.*?)\1\s*(?:#.*)?$/

export type EnvFile = {
  readonly values: Readonly<Record<string, string>>
  /** Each names a line and its fault, and repeats no value. */
  readonly faults: readonly string[]
}

/** A `#` begins a comment at the start of a line and after a space: a password may hold one. */
export function parseEnvFile(text: string): EnvFile {
  const values: Record<string, string> = {}
  const faults: string[] = []
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    if (/^\s*(#|$)/.test(line)) continue
    const { key, rest = '' } = LINE.exec(line.trim())?.groups ?? {}
    const value = key === undefined ? { fault: 'is not KEY=value' } : valueIn(rest)
    if (typeof value !== 'string') faults.push(`line ${index + 1} of .env ${value.fault}`)
    else if (key !== undefined) values[key] = value
  }
  return { values, faults }
}

function valueIn(rest: string): string | { readonly fault: string } {
  const text = rest.trim()
  const quote = /^["'`]/.exec(text)?.[0]
  const value = quote === undefined ? rest.replace(/\s#.*$/, '').trim() : QUOTED.exec(text)?.groups?.text
  if (value === undefined) return { fault: 'has a value that does not end with its quote' }
  if (quote !== "'" && /\$\{\w+/.test(value)) {
    return {
      fault:
        "refers to another value ($ and braces), which is not supported: write it out, or quote it with '…'",
    }
  }
  return value
}
