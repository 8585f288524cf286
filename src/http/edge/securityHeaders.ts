// Owns the security headers: an answer is data for our own pages, and is not stored, framed or executed.

/** For every answer but pages, which replace the content policy. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  // An answer belongs to one owner: no proxy and no browser history may store it.
  'cache-control': 'no-store',
}

/** Content policy of the documentation: its own scripts and styles. No upgrade-insecure-requests: the engine may run without TLS. */
export const documentationPolicy = [
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'",
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
].join('; ')

/** Content policy of the console: what this engine serves, and nothing else. A socket to its own address is `'self'` too. */
export const consolePolicy = [
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'",
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
].join('; ')
