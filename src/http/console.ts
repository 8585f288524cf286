// Owns the console at /: its files as they were built. Public, since a browser asks for them before it has a key; what the page
// shows it asks for with one.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { Routes } from './app.ts'
import { consolePolicy } from './edge/securityHeaders.ts'
import { Problem } from './problems.ts'

/** The same from src/http and from dist/http. */
const BUILT = fileURLToPath(new URL('../../dist/console', import.meta.url))
/** Their names hold a digest of their content. */
const HASHED = '/assets/'
/** In a route, other characters would mean something. */
const PLAIN = /^[\w.~/-]+$/

export async function consoleRoutes(app: Routes, prefix: string, folder = BUILT): Promise<void> {
  // Its addresses are relative: they need the slash that a person leaves out.
  if (PLAIN.test(prefix) && !app.hasRoute({ method: 'GET', url: prefix })) {
    const bare = { config: { access: 'public' }, schema: { hide: true } } as const
    app.get(prefix, bare, async (_request, reply) => reply.redirect(`${prefix}/`))
  }
  if (!existsSync(join(folder, 'index.html'))) {
    const page = { config: { access: 'public' }, schema: { hide: true } } as const
    app.get('/', page, async () => {
      throw new Problem('not_found', { detail: 'the console has not been built: npm run build builds it' })
    })
    return
  }
  await app.register(async (pages) => {
    pages.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public' }
    })
    await pages.register(fastifyStatic, {
      root: folder,
      // A route for each file: whatever is none is answered like any other address where there is nothing.
      wildcard: false,
      globIgnore: ['**/*.gz'],
      preCompressed: true,
      cacheControl: false,
      setHeaders(reply, path) {
        const isHashed = path.slice(folder.length).startsWith(HASHED)
        reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
        reply.header('content-security-policy', consolePolicy)
      },
    })
  })
}
