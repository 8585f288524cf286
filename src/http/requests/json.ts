// Owns JSON as text: read strictly, so that what JSON.parse would quietly repair or lose is denied by name; sent as it is.

import type { FastifyReply } from 'fastify'
import { visit } from 'jsonc-parser'
import { exactDecimal } from '../../domain/amount.ts'
import { denied, Problem } from '../problems.ts'

const MAX_DEPTH = 16
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])
const BOM = '\u{feff}'

/** The JSON object in these bytes. Throws a Problem for anything else. */
export function readJsonObject(bytes: Uint8Array): Record<string, unknown> {
  const source = decodeUtf8(bytes)
  const value = parseJson(source)
  checkStructure(source)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Problem('body_not_object')
  return value as Record<string, unknown>
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new Problem('invalid_utf8')
  }
}

function parseJson(source: string): unknown {
  if (source.startsWith(BOM)) throw new Problem('invalid_json', { detail: 'a byte order mark is not JSON' })
  try {
    return JSON.parse(source)
  } catch (error) {
    throw new Problem('invalid_json', { detail: printable((error as Error).message) })
  }
}

/** Log injection: messages of the JSON parser quote the input, so only printable ASCII is repeated. */
const printable = (message: string) => message.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)

/** Denies what the parsed value no longer shows: repeated keys, too much depth, numbers that lost digits. */
function checkStructure(source: string): void {
  const open: Set<string>[] = []
  let depth = 0
  const enter = () => {
    depth += 1
    if (depth > MAX_DEPTH) throw new Problem('too_deep')
  }
  visit(source, {
    onObjectBegin() {
      enter()
      open.push(new Set())
    },
    onObjectEnd() {
      depth -= 1
      open.pop()
    },
    onArrayBegin: enter,
    onArrayEnd() {
      depth -= 1
    },
    onObjectProperty(key) {
      const keys = open.at(-1)
      if (FORBIDDEN_KEYS.has(key)) throw new Problem('forbidden_key')
      if (keys?.has(key)) throw new Problem('duplicate_key', { detail: printable(key) })
      keys?.add(key)
    },
    onLiteralValue(value, offset, length, _line, _column, pathSupplier) {
      if (typeof value !== 'number') return
      const digits = source.slice(offset, offset + length)
      if (exactDecimal(digits) !== null) return
      const field = pathSupplier().join('.')
      throw denied([{ field, code: 'number_not_exact', detail: 'the number loses digits when it is read' }])
    },
  })
}

/** Sends text that is JSON already. */
export const sendText = (reply: FastifyReply, text: string) =>
  reply.type('application/json; charset=utf-8').send(text)
