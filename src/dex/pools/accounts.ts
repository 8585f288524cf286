// Reads Solana accounts for the pools: owner, layout and token checks. Every failure is a refusal, never a throw.

import { base58 } from '@scure/base'
import { type AccountMap, type Refused, refused } from './pool.ts'

/** How an account of a program is recognized: its owner, its first eight bytes where they are fixed, and its size. */
export type AccountLayout = {
  readonly name: string
  readonly owner: string
  readonly discriminator?: bigint
  readonly length: number
}

/** One side of a pool: the program its token lives in and what the vault holds, in base units. */
export type PoolSide = { readonly tokenProgram: string; readonly vaultAmount: bigint }

export const TOKEN_PROGRAM_ID = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'
export const TOKEN_2022_PROGRAM_ID = 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb'

const BASE58_ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const BASE58_LIMB = 58 ** 5

const MINT_LENGTH = 82
const TOKEN_ACCOUNT_LENGTH = 165

/** Token-2022 mint extensions (ExtensionType) that leave a plain transfer's amounts and accounts as they are. */
const HARMLESS_MINT_EXTENSIONS: ReadonlySet<number> = new Set([
  3, // MintCloseAuthority
  4, // ConfidentialTransferMint
  10, // InterestBearingConfig
  12, // PermanentDelegate
  18, // MetadataPointer
  19, // TokenMetadata
  20, // GroupPointer
  21, // TokenGroup
  22, // GroupMemberPointer
  23, // TokenGroupMember
  25, // ScaledUiAmount
])

const NAMED_MINT_EXTENSIONS: ReadonlyMap<number, string> = new Map([
  [1, 'transfer fee'],
  [6, 'default account state'],
  [9, 'non-transferable'],
  [14, 'transfer hook'],
  [16, 'confidential transfer fee'],
  [26, 'pausable'],
])

export function u128At(view: DataView, offset: number): bigint {
  return view.getBigUint64(offset, true) | (view.getBigUint64(offset + 8, true) << 64n)
}

export function u64At(view: DataView, offset: number): bigint {
  return view.getBigUint64(offset, true)
}

export function i128At(view: DataView, offset: number): bigint {
  return view.getBigUint64(offset, true) | (view.getBigInt64(offset + 8, true) << 64n)
}

/** Whether all bytes from `start` up to `end` are zero, as fields that no program version has used yet are. */
export function isZeroed(view: DataView, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    if (view.getUint8(i) !== 0) return false
  }
  return true
}

/** Whether `text` is the base58 of 32 bytes. */
export function isAddress(text: string): boolean {
  try {
    return base58.decode(text).length === 32
  } catch {
    return false
  }
}

/** Those of `addresses` that are not in `accounts`, each once. */
export function absentFrom(accounts: AccountMap, addresses: readonly string[]): readonly string[] {
  return [...new Set(addresses)].filter((address) => !accounts.has(address))
}

/** The base58 text of the 32-byte public key at `offset`. */
export function addressAt(view: DataView, offset: number): string {
  // Limbs of five base58 digits: a limb times 2^16 stays far below 2^53, so plain numbers are exact.
  const limbs = new Array<number>(9).fill(0)
  for (let i = 0; i < 32; i += 2) {
    let carry = view.getUint16(offset + i)
    for (let j = limbs.length - 1; j >= 0; j--) {
      const value = (limbs[j] ?? 0) * 65_536 + carry
      carry = Math.floor(value / BASE58_LIMB)
      limbs[j] = value - carry * BASE58_LIMB
    }
  }
  let text = ''
  for (const limb of limbs) {
    for (let unit = BASE58_LIMB / 58; unit >= 1; unit /= 58) {
      text += BASE58_ALPHABET[Math.floor(limb / unit) % 58]
    }
  }
  // Every leading zero byte is one '1'; the number itself has no leading zero digits.
  let zeroBytes = 0
  while (zeroBytes < 32 && view.getUint8(offset + zeroBytes) === 0) zeroBytes++
  return '1'.repeat(zeroBytes) + text.replace(/^1+/, '')
}

/** The bytes of the account at `address` once it is proved to be a `layout` account, else why it is not. */
export function programAccount(
  accounts: AccountMap,
  address: string,
  layout: AccountLayout,
): DataView | Refused {
  const account = accounts.get(address)
  if (account === undefined) return malformed(layout.name, address, 'is missing')
  if (account.owner !== layout.owner) return malformed(layout.name, address, `is owned by ${account.owner}`)
  if (account.data.length !== layout.length) {
    return malformed(layout.name, address, `has ${account.data.length} bytes, not ${layout.length}`)
  }
  const view = viewOf(account.data)
  if (layout.discriminator !== undefined && u64At(view, 0) !== layout.discriminator) {
    return malformed(layout.name, address, 'has a foreign discriminator')
  }
  return view
}

/** The mint and the vault of one side, or why the pool cannot be quoted because of them. */
export function readPoolSide(accounts: AccountMap, mint: string, vault: string): PoolSide | Refused {
  const mintAccount = accounts.get(mint)
  if (mintAccount === undefined) return malformed('mint', mint, 'is missing')
  const tokenProgram = mintAccount.owner
  if (tokenProgram !== TOKEN_PROGRAM_ID && tokenProgram !== TOKEN_2022_PROGRAM_ID) {
    return malformed('mint', mint, `is owned by ${tokenProgram}`)
  }
  const badMint = mintRefusal(mint, mintAccount.data, tokenProgram)
  if (badMint !== undefined) return badMint

  const vaultAccount = accounts.get(vault)
  if (vaultAccount === undefined) return malformed('vault', vault, 'is missing')
  if (vaultAccount.owner !== tokenProgram) {
    return malformed('vault', vault, `is owned by ${vaultAccount.owner}`)
  }
  const { length } = vaultAccount.data
  if (tokenProgram === TOKEN_PROGRAM_ID ? length !== TOKEN_ACCOUNT_LENGTH : length < TOKEN_ACCOUNT_LENGTH) {
    return malformed('vault', vault, `has ${length} bytes`)
  }
  const view = viewOf(vaultAccount.data)
  if (addressAt(view, 0) !== mint) return malformed('vault', vault, 'holds another mint')
  const state = view.getUint8(108)
  if (state === 2) return refused('pool_disabled', `vault ${vault} is frozen`)
  if (state !== 1) return malformed('vault', vault, 'is not initialized')
  return { tokenProgram, vaultAmount: u64At(view, 64) }
}

/** SPL Token `Mint` and, behind it, Token-2022's type-length-value list of extensions. */
function mintRefusal(mint: string, data: Uint8Array, tokenProgram: string): Refused | undefined {
  if (data.length < MINT_LENGTH) return malformed('mint', mint, `has ${data.length} bytes`)
  const view = viewOf(data)
  if (view.getUint8(45) !== 1) return malformed('mint', mint, 'is not initialized')
  if (data.length === MINT_LENGTH) return undefined
  const isExtended = tokenProgram === TOKEN_2022_PROGRAM_ID && data[TOKEN_ACCOUNT_LENGTH] === 1
  if (!isExtended) return malformed('mint', mint, `has ${data.length} bytes but is no mint`)

  let offset = TOKEN_ACCOUNT_LENGTH + 1
  while (offset + 4 <= data.length) {
    const extension = view.getUint16(offset, true)
    if (extension === 0) return undefined
    if (!HARMLESS_MINT_EXTENSIONS.has(extension)) {
      const name = NAMED_MINT_EXTENSIONS.get(extension) ?? `${extension}`
      return refused('unsupported_pool', `mint ${mint} uses the Token-2022 extension "${name}"`)
    }
    offset += 4 + view.getUint16(offset + 2, true)
  }
  return undefined
}

export function malformed(what: string, address: string, problem: string): Refused {
  return refused('malformed_account', `${what} ${address} ${problem}`)
}

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength)
}
