// Owns reading addresses in requests: 32 bytes in base58.

import { base58 } from '@scure/base'

const ADDRESS_BYTES = 32

/** The form of an address, as far as a pattern can tell. */
export const ADDRESS_PATTERN = '^[1-9A-HJ-NP-Za-km-z]{32,44}$'
export const ADDRESS_FORM = `${ADDRESS_BYTES} bytes in base58`

const pattern = new RegExp(ADDRESS_PATTERN)

export const isAddress = (text: string): boolean =>
  pattern.test(text) && base58.decode(text).length === ADDRESS_BYTES
