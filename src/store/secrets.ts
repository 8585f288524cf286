// Owns the secrets of keys and tickets: how they are made, spelled, digested and compared. None is ever stored.

import { hash, timingSafeEqual } from 'node:crypto'
import type { Random } from '../timing/random.ts'

const ID_BYTES = 8
const SECRET_BYTES = 32

const TOKEN = /^oee_([0-9a-f]{16})_([0-9a-f]{64})$/

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

export const newKeyId = (random: Random): string => hex(random.bytes(ID_BYTES))
export const newSecret = (random: Random): string => hex(random.bytes(SECRET_BYTES))

/** A key as its holder keeps it: the prefix tells scanners for leaked secrets what they have found. */
export const writeToken = (id: string, secret: string): string => `oee_${id}_${secret}`

export function readToken(token: string): { readonly id: string; readonly secret: string } | null {
  const [, id, secret] = TOKEN.exec(token) ?? []
  return id === undefined || secret === undefined ? null : { id, secret }
}

/** Fast on purpose: a slow hash protects secrets that people choose, and these are 256 bits of chance. */
export const digestOf = (secret: string): Uint8Array => hash('sha256', secret, 'buffer')

/** Takes as long for the wrong secret as for the right one. */
export const isDigestOf = (digest: Uint8Array, secret: string): boolean =>
  timingSafeEqual(digest, digestOf(secret))
