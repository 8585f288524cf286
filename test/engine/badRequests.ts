// Owns the corpus of requests that must be refused, each as the bytes that arrive, with the answer it gets. Bodies of
// orders are in badBodies.ts, what a socket says in badFrames.ts.
import { EXAMPLE, EXECUTE } from '../support/client.ts'

export type BadRequest = readonly [what: string, bytes: string, status: number, code: string]

const HOST = 'host: localhost\r\n'
const CLOSE = 'connection: close\r\n'
const JSON_TYPE = 'content-type: application/json\r\n'

/** A request to the end of its headers. */
const start = (line: string, ...headers: readonly string[]) =>
  `${line} HTTP/1.1\r\n${HOST}${headers.map((header) => `${header}\r\n`).join('')}`
const get = (path: string, ...headers: readonly string[]) => `${start(`GET ${path}`, ...headers)}${CLOSE}\r\n`
/** The example's POST with other headers. */
const post = (...headers: readonly string[]) =>
  `${start(`POST ${EXECUTE}`, ...headers)}${CLOSE}content-length: ${EXAMPLE.length}\r\n\r\n${EXAMPLE}`
/** A POST whose headers say, and whose body is, what they like. */
const framed = (headers: string, body: string) =>
  `${start(`POST ${EXECUTE}`)}${JSON_TYPE}${headers}\r\n${body}`

const VERSION = 'sec-websocket-version: 13'
const KEY = 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=='
/** An upgrade to the stream of orders, less or more what makes it one. */
const upgrade = (line: string, ...headers: readonly string[]) =>
  `${start(line, 'connection: Upgrade', ...headers)}\r\n`
const WEBSOCKET = 'upgrade: websocket'

const invalid = (what: string, bytes: string): BadRequest => [what, bytes, 400, 'invalid_request']

/** What two readers of the same bytes could understand differently. */
const framing: readonly BadRequest[] = [
  invalid('no HTTP at all', 'hello\r\n\r\n'),
  invalid('a version of its own', `GET /healthz HTTP/3.0\r\n${HOST}\r\n`),
  invalid('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  invalid('HTTP/0.9', 'GET /healthz\r\n\r\n'),
  invalid('lengths that differ', framed('content-length: 2\r\ncontent-length: 3\r\n', '{}')),
  invalid('lengths that agree', framed('content-length: 2\r\ncontent-length: 2\r\n', '{}')),
  invalid('a length and chunks', framed('content-length: 2\r\ntransfer-encoding: chunked\r\n', '0\r\n\r\n')),
  invalid('chunks and a length', framed('transfer-encoding: chunked\r\ncontent-length: 2\r\n', '0\r\n\r\n')),
  invalid('chunks that are not last', framed('transfer-encoding: chunked, identity\r\n', '0\r\n\r\n')),
  invalid('an encoding without chunks', framed('transfer-encoding: identity\r\n', '{}')),
  invalid('a length that is no number', framed('content-length: two\r\n', '{}')),
  invalid('a length below nothing', framed('content-length: -1\r\n', '')),
  invalid('a length beyond all numbers', framed(`content-length: ${'9'.repeat(30)}\r\n`, '')),
  invalid('a length with a sign', framed('content-length: +2\r\n', '{}')),
  invalid(
    'chunks whose size is no number',
    framed('transfer-encoding: chunked\r\n', 'zz\r\n{}\r\n0\r\n\r\n'),
  ),
  invalid('a chunk larger than it says', framed('transfer-encoding: chunked\r\n', '1\r\n{}\r\n0\r\n\r\n')),
  invalid(
    'an endless chunk extension',
    framed('transfer-encoding: chunked\r\n', `2;${'a'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`),
  ),
  invalid('a folded header', framed('x: a\r\n b\r\n', '')),
  invalid('a space before the colon', framed('transfer-encoding : chunked\r\n', '0\r\n\r\n')),
  invalid('a header without a name', framed(': a\r\n', '')),
  invalid('a NUL in a header', get('/healthz', 'x: a\0b')),
  invalid(
    'an escape sequence in a header',
    post('content-type: application/json', 'idempotency-key: \x1b[31m'),
  ),
  invalid('line feeds alone', `GET /healthz HTTP/1.1\n${HOST}\n`),
  invalid('one line feed alone', `GET /healthz HTTP/1.1\r\nhost: localhost\nx: a\r\n\r\n`),
  invalid('a carriage return alone', `GET /healthz HTTP/1.1\r\nhost: localhost\rx: a\r\n\r\n`),
  invalid('no host', 'GET /healthz HTTP/1.1\r\n\r\n'),
  invalid('two hosts', `GET /healthz HTTP/1.1\r\n${HOST}host: y\r\n\r\n`),
  invalid('a whole address with a user', get('http://user@localhost/healthz')),
  invalid('a whole address of something else', get('ftp://localhost/healthz')),
  ...['a b', 'user@x', 'x/y', '"x"', 'x:port', '[::1', '\xfc'].map((host) =>
    invalid(`the host ${host}`, get('/healthz').replace('host: localhost', `host: ${host}`)),
  ),
  invalid('an address that is no path', get('healthz')),
  invalid('an asterisk', `${start('OPTIONS *')}\r\n`),
  invalid('a NUL in the address', get('/health\0z')),
  invalid('a letter in the address that is not ASCII', get('/health\xfc')),
  invalid('a method that nobody knows', `${start('SPEND /healthz')}\r\n`),
]

const sizes: readonly BadRequest[] = [
  ['a header of 20 KB', get('/healthz', `x: ${'x'.repeat(20_000)}`), 431, 'headers_too_large'],
  ['2,000 headers', `${start('GET /healthz')}${'a: b\r\n'.repeat(2_000)}\r\n`, 431, 'headers_too_large'],
  ['101 headers', `${start('GET /healthz')}${'a: b\r\n'.repeat(100)}\r\n`, 431, 'headers_too_large'],
  ['an address of 100 KB', get(`/${'x'.repeat(100_000)}`), 414, 'uri_too_long'],
  ['a query of 100 KB', get(`/api/orders?cursor=${'x'.repeat(100_000)}`), 414, 'uri_too_long'],
  ['a parameter of 10 KB', get(`/api/orders/${'x'.repeat(10_000)}`), 404, 'not_found'],
]

const METHODS = ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'LOCK', 'SEARCH', 'PURGE']
const methods: readonly BadRequest[] = [
  ...METHODS.map(
    (method) => [method, `${start(`${method} ${EXECUTE}`)}${CLOSE}\r\n`, 405, 'method_not_allowed'] as const,
  ),
  ['CONNECT', `${start('CONNECT x:443')}\r\n`, 405, 'method_not_allowed'],
  [
    'DELETE behind a header',
    `${start('POST /api/orders', 'x-http-method-override: DELETE')}${CLOSE}content-length: 0\r\n\r\n`,
    405,
    'method_not_allowed',
  ],
]

const TYPES = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
  'application/json; charset=latin1',
  'application/problem+json',
  'application/jsonp',
  'text/json',
  'nonsense',
  '',
]
const types: readonly BadRequest[] = [
  ...TYPES.map((type) => [type, post(`content-type: ${type}`), 415, 'unsupported_media_type'] as const),
  ['no type', post(), 415, 'unsupported_media_type'],
  ...['gzip', 'br', 'deflate', 'gzip, gzip'].map(
    (encoding) =>
      [
        `encoding ${encoding}`,
        post('content-type: application/json', `content-encoding: ${encoding}`),
        415,
        'unsupported_media_type',
      ] as const,
  ),
]

const KEYS = ['""', ' ', 'a b', '\xfc', '\xe2\x80\xae', 'x'.repeat(256), `"${'x'.repeat(256)}"`, 'a\tb']
const keys: readonly BadRequest[] = [
  ...KEYS.map(
    (key) =>
      [
        `key ${key.slice(0, 20)}`,
        post('content-type: application/json', `idempotency-key: ${key}`),
        400,
        'idempotency_key_invalid',
      ] as const,
  ),
  [
    'two keys',
    post('content-type: application/json', 'idempotency-key: a', 'idempotency-key: b'),
    400,
    'idempotency_key_invalid',
  ],
]

const UPPERCASE = '019F0000-0000-7000-8000-000000000000'
const QUERIES = [
  ['/api/orders?limit=0', 422, 'invalid_type'],
  ['/api/orders?limit=-1', 422, 'invalid_type'],
  ['/api/orders?limit=1e9', 422, 'invalid_type'],
  ['/api/orders?limit=abc', 422, 'invalid_type'],
  ['/api/orders?limit=99999', 422, 'invalid_type'],
  ['/api/orders?limit=', 422, 'invalid_type'],
  ['/api/orders?limit=1&limit=2', 422, 'invalid_type'],
  ['/api/orders?status=done', 422, 'invalid_type'],
  ['/api/orders?status=', 422, 'invalid_type'],
  ['/api/orders?token=DOGE', 422, 'unknown_token'],
  ['/api/orders?token=%27%3B%20DROP%20TABLE', 422, 'unknown_token'],
  ['/api/orders?clientOrderId=%25', 422, 'invalid_type'],
  ['/api/orders?clientOrderId=%00', 422, 'invalid_type'],
  ['/api/orders?clientOrderId=%0d%0a%1b[31m', 422, 'invalid_type'],
  ['/api/orders?owner=root', 422, 'unknown_field'],
  ['/api/orders?__proto__=1', 422, 'unknown_field'],
  ['/api/orders?toString=1', 422, 'unknown_field'],
  ['/api/orders?callback=alert', 422, 'unknown_field'],
  ['/api/orders?cursor=abc', 400, 'invalid_cursor'],
  ['/api/orders?cursor=', 400, 'invalid_cursor'],
  ['/api/orders?cursor=JzsgRFJPUCBUQUJMRQ', 400, 'invalid_cursor'],
  [`/api/orders?cursor=${Buffer.from(UPPERCASE).toString('base64url')}`, 400, 'invalid_cursor'],
  ['/api/simulation/swaps?limit=0', 422, 'invalid_type'],
  ['/api/simulation/swaps?cursor=-1', 422, 'invalid_type'],
  [`/api/simulation/swaps?cursor=${'9'.repeat(20)}`, 422, 'invalid_type'],
  ['/api/simulation/swaps?orderId=%00', 422, 'invalid_type'],
  ['/api/quotes?tokenIn=%00&tokenOut=B&amountIn=1', 422, 'unknown_token'],
  [`${EXECUTE}?after=-1`, 422, 'invalid_type'],
  [`${EXECUTE}?after=abc`, 422, 'invalid_type'],
  [`${EXECUTE}?token=x`, 422, 'unknown_field'],
] as const
const PATHS = [
  ['/assets/', 'not_found'],
  ['/api', 'not_found'],
  ['/api/orders/', 'order_not_found'],
  ['/api/orders/execute/', 'not_found'],
  ['//api/orders', 'not_found'],
  ['/api/orders/%', 'not_found'],
  ['/api/orders/%zz', 'not_found'],
  ['/api/orders/%00', 'order_not_found'],
  ['/api/orders/%2e%2e%2fmetrics', 'order_not_found'],
  ['/api/orders/%0d%0a%7b%22level%22:60%7d', 'order_not_found'],
  ['/../../etc/passwd', 'not_found'],
  [`/api/orders/${UPPERCASE}`, 'order_not_found'],
  ['/api/orders/019f0000-0000-4000-8000-000000000000', 'order_not_found'],
  ['/.env', 'not_found'],
  ['/API/ORDERS', 'not_found'],
] as const
const addresses: readonly BadRequest[] = [
  ...QUERIES.map(([path, status, code]) => [path, get(path), status, code] as const),
  ...PATHS.map(([path, code]) => [path, get(path), 404, code] as const),
  [
    'a last event that is no number',
    get(`/api/orders/${UPPERCASE}/events`, 'last-event-id: \xfc'),
    422,
    'invalid_type',
  ],
]

const upgrades: readonly BadRequest[] = [
  ['a plain GET', get(EXECUTE), 426, 'upgrade_required'],
  ['another protocol', upgrade(`GET ${EXECUTE}`, 'upgrade: h2c'), 426, 'upgrade_required'],
  [
    'another version',
    upgrade(`GET ${EXECUTE}`, WEBSOCKET, KEY, 'sec-websocket-version: 99'),
    426,
    'upgrade_required',
  ],
  ['no version', upgrade(`GET ${EXECUTE}`, WEBSOCKET, KEY), 426, 'upgrade_required'],
  invalid('no socket key', upgrade(`GET ${EXECUTE}`, WEBSOCKET, VERSION)),
  invalid('a short socket key', upgrade(`GET ${EXECUTE}`, WEBSOCKET, VERSION, 'sec-websocket-key: abc')),
  invalid('two socket keys', upgrade(`GET ${EXECUTE}`, WEBSOCKET, VERSION, KEY, KEY)),
  invalid(
    'an upgrade of HTTP/1.0',
    upgrade(`GET ${EXECUTE}`, WEBSOCKET, VERSION, KEY).replace('HTTP/1.1', 'HTTP/1.0'),
  ),
  [
    'an upgrade by POST',
    upgrade(`POST ${EXECUTE}`, WEBSOCKET, VERSION, KEY, 'content-length: 0'),
    405,
    'method_not_allowed',
  ],
  ['an upgrade of nothing', upgrade('GET /nowhere', WEBSOCKET, VERSION, KEY), 404, 'not_found'],
  [
    'a foreign origin',
    upgrade(`GET ${EXECUTE}`, WEBSOCKET, VERSION, KEY, 'origin: https://evil.example'),
    403,
    'origin_denied',
  ],
  [
    'no origin at all',
    upgrade(`GET ${EXECUTE}`, WEBSOCKET, VERSION, KEY, 'origin: null'),
    403,
    'origin_denied',
  ],
]

export const badRequests = { framing, sizes, methods, types, keys, addresses, upgrades }

/** What does not arrive: nothing more comes, and the connection stays open. */
export const stalled: readonly (readonly [what: string, bytes: string])[] = [
  ['headers that do not end', `POST ${EXECUTE} HTTP/1.1\r\n${HOST}x:`],
  ['a line that does not end', 'GET /heal'],
  ['an upgrade half done', `GET ${EXECUTE} HTTP/1.1\r\n${HOST}connection: Upgrade\r\nupgrade: websocket\r\n`],
  ['a body that does not come', framed('content-length: 90\r\n', '')],
  ['a body shorter than it says', framed('content-length: 90\r\n', EXAMPLE.slice(0, 40))],
  ['chunks that do not end', framed('transfer-encoding: chunked\r\n', '2\r\n{}\r\n')],
  ['empty lines', '\r\n\r\n'],
]
