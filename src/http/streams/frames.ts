// Owns messages as the bytes of WebSocket text frames (RFC 6455, 5.2): what many sockets give is framed once for all of them.

import type { StreamMessage } from './messageStream.ts'

/** A whole message of text. */
const FINAL_TEXT = 0x81
/** Lengths from here on need two more bytes, and beyond those eight. */
const LENGTH_16 = 126
const LENGTH_64 = 127

const framed = new WeakMap<readonly StreamMessage[], Buffer>()

/** One frame for each message, unmasked, as a server sends them; made once for the same array. */
export function framesOf(messages: readonly StreamMessage[]): Buffer {
  const known = framed.get(messages)
  if (known !== undefined) return known
  const frames = Buffer.concat(
    messages.flatMap(({ text }) => {
      const payload = Buffer.from(text)
      return [headOf(payload.length), payload]
    }),
  )
  framed.set(messages, frames)
  return frames
}

function headOf(length: number): Buffer {
  if (length < LENGTH_16) return Buffer.from([FINAL_TEXT, length])
  const isShort = length <= 0xff_ff
  const head = Buffer.alloc(isShort ? 4 : 10)
  head[0] = FINAL_TEXT
  head[1] = isShort ? LENGTH_16 : LENGTH_64
  if (isShort) head.writeUInt16BE(length, 2)
  else head.writeBigUInt64BE(BigInt(length), 2)
  return head
}
