// Owns what every answer tells a browser: that it is data, for our own pages, not to be kept, framed or run.

/** For answers that are no page. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  // Orders are their owner's: no proxy and no history keeps them.
  'cache-control': 'no-store',
}

/** For the documentation: its own scripts and styles. Nothing is upgraded to TLS: without a proxy in front there is none. */
export const documentationPolicy = [
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'",
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
].join('; ')
