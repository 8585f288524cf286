// Owns the corpus of bodies that must not become orders, each with the answer it gets. Sections 400 and 422.
import type { Json } from '../support/client.ts'

export type BadBody = readonly [
  what: string,
  body: string | Uint8Array<ArrayBuffer>,
  status: number,
  code: string,
]

const good: Json = { type: 'market', tokenIn: 'A', tokenOut: 'B', amountIn: '1' }
const GOOD = JSON.stringify(good)
const bytes = (...values: readonly (string | number)[]) =>
  new Uint8Array(values.flatMap((value) => (typeof value === 'string' ? [...Buffer.from(value)] : [value])))

const nested = (depth: number) => `{"x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`

/** Cannot be read. */
export const unreadable: readonly BadBody[] = [
  ['nothing', '', 400, 'invalid_json'],
  ['white space', '  \n', 400, 'invalid_json'],
  ['half an object', '{"type":"market"', 400, 'invalid_json'],
  ['NaN', '{"amountIn":NaN}', 400, 'invalid_json'],
  ['Infinity', '{"amountIn":Infinity}', 400, 'invalid_json'],
  ['a trailing comma', `${GOOD.slice(0, -1)},}`, 400, 'invalid_json'],
  ['single quotes', "{'type':'market'}", 400, 'invalid_json'],
  ['a comment', `${GOOD} // please`, 400, 'invalid_json'],
  ['two objects', `${GOOD}${GOOD}`, 400, 'invalid_json'],
  ['a leading plus', '{"amountIn":+1}', 400, 'invalid_json'],
  ['a leading zero', '{"amountIn":01}', 400, 'invalid_json'],
  ['hexadecimal', '{"amountIn":0x10}', 400, 'invalid_json'],
  ['a raw line feed in a string', '{"type":"mar\nket"}', 400, 'invalid_json'],
  ['a byte order mark', bytes(0xef, 0xbb, 0xbf, GOOD), 400, 'invalid_json'],
  ['UTF-16', new Uint8Array(Buffer.from(GOOD, 'utf16le')), 400, 'invalid_json'],
  ['broken UTF-8', bytes('{"type":"', 0xc3, 0x28, '"}'), 400, 'invalid_utf8'],
  ['overlong UTF-8', bytes('{"type":"', 0xc0, 0xaf, '"}'), 400, 'invalid_utf8'],
  ['a surrogate in UTF-8', bytes('{"type":"', 0xed, 0xa0, 0x80, '"}'), 400, 'invalid_utf8'],
  ['null', 'null', 400, 'body_not_object'],
  ['a list', '[]', 400, 'body_not_object'],
  ['a list of an order', `[${GOOD}]`, 400, 'body_not_object'],
  ['a string', '"x"', 400, 'body_not_object'],
  ['a number', '1', 400, 'body_not_object'],
  ['true', 'true', 400, 'body_not_object'],
  ['a key twice', '{"amountIn":1,"amountIn":2}', 400, 'duplicate_key'],
  ['a key twice, once escaped', '{"amountIn":1,"\\u0061mountIn":2}', 400, 'duplicate_key'],
  ['a key twice further down', '{"x":[{"y":1,"y":1}]}', 400, 'duplicate_key'],
  ['__proto__', '{"__proto__":{"status":"confirmed"}}', 400, 'forbidden_key'],
  ['__proto__, escaped', '{"\\u005f_proto__":{}}', 400, 'forbidden_key'],
  ['constructor', '{"constructor":{"prototype":{}}}', 400, 'forbidden_key'],
  ['prototype further down', '{"x":{"prototype":1}}', 400, 'forbidden_key'],
  ['too many levels', nested(17), 400, 'too_deep'],
  ['thousands of levels', nested(8_000), 400, 'too_deep'],
]

const order = (what: string, more: Json, code: string): BadBody => [
  `${what}: ${JSON.stringify(more).slice(0, 90)}`,
  JSON.stringify({ ...good, ...more }),
  422,
  code,
]
/** A number as it is written, which JSON.stringify would write otherwise. */
const written = (number: string, code: string): BadBody => [
  `amountIn ${number}`,
  `{"type":"market","tokenIn":"A","tokenOut":"B","amountIn":${number}}`,
  422,
  code,
]

const HOMOGLYPH_SOL = '\u{405}OL'
const RIGHT_TO_LEFT = '\u{202e}LOS'
const ZERO_WIDTH = 'SO\u{200b}L'

/** Read, and denied. */
export const denied: readonly BadBody[] = [
  ...['0', '0.0', '-1', '-0.5', '-0'].map((number) => written(number, 'amount_not_positive')),
  ...['1.0000001', '1e-30', '0.0000001'].map((number) => written(number, 'amount_precision')),
  ...['1e30', '100000000000000', '2e19'].map((number) => written(number, 'amount_range')),
  ...['1e309', '9007199254740993', '0.1000000000000000055', '1e-400', '1e999999'].map((number) =>
    written(number, 'number_not_exact'),
  ),
  ...[
    '0x10',
    '1_000',
    ' 5',
    '5 ',
    '\u{665}',
    '\u{ff11}',
    '1,5',
    '+5',
    '-5',
    '1e3',
    '.5',
    '5.',
    '01',
    'NaN',
  ].map((amountIn) => order('amount', { amountIn }, 'amount_malformed')),
  ...['1\n', '1\0', "1'; DROP TABLE orders; --", 'Infinity', '9'.repeat(41), '1.1.1', '--1', '1 000'].map(
    (amountIn) => order('amount', { amountIn }, 'amount_malformed'),
  ),
  ...['0', '0.000', '0.0000000000'].map((amountIn) => order('amount', { amountIn }, 'amount_not_positive')),
  ...['18446744073709.551616', '9'.repeat(40)].map((amountIn) =>
    order('amount', { amountIn }, 'amount_range'),
  ),
  order('amount', { amountIn: '1.0000001' }, 'amount_precision'),
  ...[true, null, {}, [5], [], '', '9'.repeat(81)].map((amountIn) =>
    order('amount', { amountIn }, 'invalid_type'),
  ),

  ...['type', 'tokenIn', 'tokenOut', 'amountIn'].map((field) =>
    order('missing', { [field]: undefined }, 'missing_field'),
  ),
  ...[
    { slipageBps: 50 },
    { status: 'confirmed' },
    { owner: 'root' },
    { orderId: '019f0000-0000-7000-8000-000000000000' },
    { idempotencyKey: 'x' },
    { toString: 1 },
    { hasOwnProperty: 1 },
    { 'x\r\n{"level":60}\u001b[31m': 1 },
    { '': 1 },
    { deep: JSON.parse(nested(14)) },
  ].map((more) => order('unknown', more, 'unknown_field')),
  ...['iceberg', 'LIMIT', 'MARKET', '', 1, null, ['market']].map((type) =>
    order('type', { type }, 'unsupported_order_type'),
  ),

  ...[HOMOGLYPH_SOL, RIGHT_TO_LEFT, ZERO_WIDTH, '\u{d800}', 'a', 'A ', 'A\0', 'DOGE', '__proto__'].map(
    (tokenIn) => order('token', { tokenIn }, 'unknown_token'),
  ),
  ...['toString', '$1', "'; DROP TABLE orders; --", '%', '0OIl'.repeat(11), '1'.repeat(44), '../..'].map(
    (tokenIn) => order('token', { tokenIn }, 'unknown_token'),
  ),
  ...['', 'A'.repeat(65), 'x'.repeat(10_000), 5, null, ['A'], {}].map((tokenOut) =>
    order('token', { tokenOut }, 'invalid_type'),
  ),
  order('same', { tokenOut: 'A' }, 'same_token'),
  order('same', { tokenOut: 'FrzVvWTW21TnuHoUjfTinit5SBP7QXCTrW9WJTDkZxBy' }, 'same_token'),
  order('same', { tokenIn: 'SOL', tokenOut: 'So11111111111111111111111111111111111111112' }, 'same_token'),

  ...[-1, 0, 0.00001, 0.50001, 0.5001, 1, 50, '0', '-0.01', '1%', '0.01 ', '٠.٠١', 'NaN'].map((slippage) =>
    order('slippage', { slippage }, 'slippage_invalid'),
  ),
  ...[true, null, {}, ''].map((slippage) => order('slippage', { slippage }, 'invalid_type')),
  ...[0, -1, 50.5, 5001, 10_001, 1e9, '50', true, null].map((slippageBps) =>
    order('slippage', { slippageBps }, 'slippage_invalid'),
  ),
  order('slippage', { slippage: 0.01, slippageBps: 100 }, 'slippage_twice'),
  ...[[], ['orca'], ['raydium', 'raydium'], ['raydium', 'meteora', 'raydium'], 'raydium', null, {}].map(
    (venues) => order('venues', { venues }, 'invalid_type'),
  ),
  ...[0, -1, 1.5, 10_001, '30', true, null].map((maxPriceImpactBps) =>
    order('price impact', { maxPriceImpactBps }, 'invalid_type'),
  ),
  ...['false', 0, null, {}].map((split) => order('split', { split }, 'invalid_type')),
  ...['', 'a b', 'ü', 'x'.repeat(65), 'a\n', 'a\0', 'a/b', '\r\n', '{"level":60}', 5, null, {}].map(
    (clientOrderId) => order('clientOrderId', { clientOrderId }, 'invalid_type'),
  ),
]

const limit = { ...good, type: 'limit', limitPrice: '4.05' }
const stop = { ...good, type: 'stop', trigger: { price: '3.5' } }
const takeProfit = { ...good, type: 'takeProfit', trigger: { price: '4.5' } }
const trailingStop = { ...good, type: 'trailingStop', trigger: { trailingBps: 500 } }

const up = { type: 'takeProfit', trigger: { price: '4.5' } }
const down = { type: 'stop', trigger: { price: '3.5' } }
const oco = { ...good, type: 'oco', legs: [up, down] }
const twap = { ...good, type: 'twap', slices: 10, durationMs: 60_000 }

const changed = (of: Json, more: Json, code: string): BadBody => [
  `a ${of.type} with ${JSON.stringify(more)}`.slice(0, 100),
  JSON.stringify({ ...of, ...more }),
  422,
  code,
]

/** Orders that wait for a price: read, and denied whatever the market does. */
export const deniedResting: readonly BadBody[] = [
  changed(limit, { limitPrice: undefined }, 'missing_field'),
  ...[stop, takeProfit, trailingStop].flatMap((order) => [
    changed(order, { trigger: undefined }, 'missing_field'),
    changed(order, { trigger: {} }, 'missing_field'),
  ]),

  ...['0', '0.0', '-1', '1e3', '.5', '5.', '01', '+5', ' 5', '5 ', 'NaN', '0x10', '1,5', '\u{665}'].map(
    (price) => changed(limit, { limitPrice: price }, 'price_malformed'),
  ),
  ...['9'.repeat(31), `0.${'0'.repeat(30)}1`, 0, -1].flatMap((price) => [
    changed(limit, { limitPrice: price }, 'price_malformed'),
    changed(stop, { trigger: { price } }, 'price_malformed'),
    changed(takeProfit, { limitPrice: price }, 'price_malformed'),
    changed(trailingStop, { trigger: { trailingBps: 1, activationPrice: price } }, 'price_malformed'),
  ]),
  ...[true, null, {}, ['4'], '', '9'.repeat(81)].flatMap((price) => [
    changed(limit, { limitPrice: price }, 'invalid_type'),
    changed(stop, { trigger: { price } }, 'invalid_type'),
  ]),
  ...[0, 9_001, 1.5, '500', null].map((trailingBps) =>
    changed(trailingStop, { trigger: { trailingBps } }, 'invalid_type'),
  ),

  ...[
    '2020-01-01T00:00:00Z',
    '9999-01-01T00:00:00Z',
    'tomorrow',
    '2027-01-31',
    '2027-01-31T00:00:00',
    1_798_761_600,
  ].map((expiresAt) => changed(limit, { expiresAt }, 'expiry_invalid')),
  ...['IOC', 'FOK'].map((timeInForce) =>
    changed(limit, { timeInForce, expiresAt: '2027-01-31T00:00:00Z' }, 'terms_contradict'),
  ),
  ...['DAY', 'ioc', null].map((timeInForce) => changed(limit, { timeInForce }, 'invalid_type')),
  ...['maybe', true].map((onImmediate) => changed(stop, { onImmediate }, 'invalid_type')),
  ...['USD', null].map((priceOf) => changed(stop, { priceOf }, 'invalid_type')),

  ...[
    { observations: 0 },
    { observations: 21 },
    { dwellMs: -1 },
    { maxAgeMs: 99 },
    { maxAgeMs: '5000' },
    { source: '' },
  ].map((condition) => changed(stop, { trigger: { price: '3.5', ...condition } }, 'invalid_type')),
  ...[[], [0], [5_001], ['300'], Array.from({ length: 11 }, () => 300), 300].map((slippageLadderBps) =>
    changed(stop, { slippageLadderBps }, 'invalid_type'),
  ),
  changed(stop, { slippageBps: 100, slippageLadderBps: [50, 101] }, 'terms_contradict'),
  ...['-1', 'x', '1e-3', '0.0000000001'].map((feeBudget) => changed(stop, { feeBudget }, 'amount_malformed')),

  // What only other types have.
  changed(good, { limitPrice: '4' }, 'unknown_field'),
  changed(good, { expiresAt: '2027-01-31T00:00:00Z' }, 'unknown_field'),
  changed(limit, { slippageLadderBps: [300] }, 'unknown_field'),
  changed(limit, { trigger: { source: 'raydium' } }, 'unknown_field'),
  changed(limit, { trigger: { price: '4' } }, 'unknown_field'),
  changed(stop, { timeInForce: 'IOC' }, 'unknown_field'),
  changed(stop, { acceptOffMarket: true }, 'unknown_field'),
  changed(stop, { acceptImpact: true }, 'unknown_field'),
  changed(limit, { acceptImpact: 'yes' }, 'invalid_type'),
  changed(takeProfit, { trigger: { price: '4.5', trailingBps: 5 } }, 'unknown_field'),
  changed(trailingStop, { trigger: { trailingBps: 5, price: '4' } }, 'unknown_field'),

  // Families: what is wrong with a leg is wrong with the whole.
  ...[[], [up], Array.from({ length: 11 }, () => up), up, null].map((legs) =>
    changed(oco, { legs }, 'invalid_type'),
  ),
  ...[{ type: 'timeStop' }, { type: 'oco', legs: [up, down] }, { ...down, type: 'market' }].map((leg) =>
    changed(oco, { legs: [up, leg] }, 'unsupported_order_type'),
  ),
  changed(oco, { legs: [up, { type: 'stop' }] }, 'missing_field'),
  changed(oco, { legs: [up, { ...down, tokenOut: 'SOL' }] }, 'unknown_field'),
  changed(oco, { legs: [up, { ...down, trigger: { price: '0' } }] }, 'price_malformed'),
  changed(oco, { legs: [up, { ...down, shareBps: 10_001 }] }, 'invalid_type'),
  changed(
    oco,
    {
      legs: [
        { ...up, shareBps: 9_000 },
        { ...up, shareBps: 9_000 },
      ],
    },
    'terms_contradict',
  ),
  changed(oco, { amountIn: '0.000001', legs: [{ ...up, shareBps: 1 }, down] }, 'amount_not_positive'),
  ...[stop, trailingStop, twap, oco].map((order) => changed(order, { exits: [up] }, 'unknown_field')),
  ...['groupId', 'parentId'].map((name) => changed(limit, { [name]: 'none' }, 'unknown_field')),
  ...[0, 1, 1_001, 1.5, '10', null].map((slices) => changed(twap, { slices }, 'invalid_type')),
  changed(twap, { amountIn: '0.000009' }, 'terms_contradict'),
  changed(twap, { minSlice: '0.2' }, 'terms_contradict'),
  changed(twap, { durationMs: 1_000 }, 'terms_contradict'),
  ...['2020-01-01T00:00:00Z', 'now', '2027-01-31'].map((startAt) =>
    changed(twap, { startAt }, 'start_invalid'),
  ),
]

/** Denied because of what the simulated market pays, which is about 4 B for 1 A. */
export const deniedByMarket: readonly BadBody[] = [
  changed(good, { amountIn: '40000000' }, 'impact_needs_consent'),
  changed(limit, { amountIn: '40000000', limitPrice: '0.5', acceptOffMarket: true }, 'impact_needs_consent'),
  changed(limit, { limitPrice: '3.5' }, 'off_market'),
  changed(limit, { limitPrice: '3.5', onImmediate: 'reject', acceptOffMarket: true }, 'would_fire_at_once'),
  changed(stop, { trigger: { price: '4.5' } }, 'would_fire_at_once'),
  changed(takeProfit, { trigger: { price: '3.5' } }, 'would_fire_at_once'),
  changed(stop, { trigger: { price: '3.5', source: 'orca' } }, 'unknown_source'),
  changed(oco, { legs: [up, { ...down, trigger: { price: '4.5' } }] }, 'would_fire_at_once'),
  changed(good, { exits: [{ ...down, trigger: { price: '0.5' } }] }, 'would_fire_at_once'),
  changed(good, { exits: [{ ...down, trigger: { price: '0.1', source: 'orca' } }] }, 'unknown_source'),
]
