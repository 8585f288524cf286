// Owns the version of this engine, as its package says.

import { readFileSync } from 'node:fs'

export const engineVersion = (): string =>
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version
