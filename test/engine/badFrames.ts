// Owns the corpus of what a client must not say on a socket: the bytes of its frames, and the code it is closed with.

export type BadFrame = readonly [what: string, code: number, bytes: readonly number[]]

const FIN = 0x80
const MASKED = 0x80
const [CONTINUATION, TEXT, BINARY, CLOSE, PING] = [0, 1, 2, 8, 9]

/** A frame as it ought to be masked: with zeros, so that its payload can be read here. */
function frame(first: number, payload: readonly number[]): number[] {
  const length =
    payload.length < 126
      ? [MASKED | payload.length]
      : [MASKED | 126, payload.length >> 8, payload.length & 255]
  return [first, ...length, 0, 0, 0, 0, ...payload]
}
const letters = (count: number): number[] => Array.from({ length: count }, () => 0x78)

export const badFrames: readonly BadFrame[] = [
  ['a binary frame', 1003, frame(FIN | BINARY, letters(2))],
  ['text that is no UTF-8', 1007, frame(FIN | TEXT, [0xc3, 0x28])],
  ['text that is no UTF-8 in pieces', 1007, [...frame(TEXT, [0xc3]), ...frame(FIN | CONTINUATION, [0x28])]],
  ['a surrogate', 1007, frame(FIN | TEXT, [0xed, 0xa0, 0x80])],
  ['a frame that is not masked', 1002, [FIN | TEXT, 2, 0x7b, 0x7d]],
  ['the first reserved bit', 1002, frame(FIN | 0x40 | TEXT, [])],
  ['the second', 1002, frame(FIN | 0x20 | TEXT, [])],
  ['the third', 1002, frame(FIN | 0x10 | TEXT, [])],
  ['a reserved opcode', 1002, frame(FIN | 3, [])],
  ['a reserved opcode of control', 1002, frame(FIN | 0xb, [])],
  ['a ping of 128 bytes', 1002, frame(FIN | PING, letters(128))],
  ['a ping in pieces', 1002, frame(PING, [])],
  ['an end without a beginning', 1002, frame(FIN | CONTINUATION, [])],
  ['a beginning without an end', 1002, [...frame(TEXT, []), ...frame(FIN | TEXT, [])]],
  ['a close code of one byte', 1002, frame(FIN | CLOSE, [3])],
  ['a close code that none may send', 1002, frame(FIN | CLOSE, [1005 >> 8, 1005 & 255])],
  ['a close reason that is no UTF-8', 1007, frame(FIN | CLOSE, [1000 >> 8, 1000 & 255, 0xc3, 0x28])],
  ['4,097 bytes', 1009, frame(FIN | TEXT, letters(4_097))],
  [
    '4,097 bytes in pieces',
    1009,
    [
      ...frame(TEXT, letters(2_000)),
      ...frame(CONTINUATION, letters(2_000)),
      ...frame(FIN | CONTINUATION, letters(97)),
    ],
  ],
  ['101 MB, as it says', 1009, [FIN | TEXT, MASKED | 127, 0, 0, 0, 0, 0x06, 0x50, 0, 0, 0, 0, 0, 0]],
  [
    'more bytes than numbers count',
    1009,
    [FIN | TEXT, MASKED | 127, ...Array.from({ length: 8 }, () => 0x7f), 0, 0, 0, 0],
  ],
  [
    '1,000 pieces',
    1008,
    [...frame(TEXT, [0x78]), ...Array.from({ length: 999 }, () => frame(CONTINUATION, [0x78])).flat()],
  ],
  ['1,000 pings', 1008, Array.from({ length: 1_000 }, () => frame(FIN | PING, [])).flat()],
  ['1,000 messages', 1008, Array.from({ length: 1_000 }, () => frame(FIN | TEXT, [0x78])).flat()],
]
