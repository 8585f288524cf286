// Owns the API's documentation: /openapi.json and the page at /docs, correct under every public address.

import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { RouteOptions } from 'fastify'
import { accessOf } from './access.ts'
import { type ApiDocument, completeDocument } from './apiDocument.ts'
import type { Routes } from './app.ts'
import type { Addresses } from './publicAddress.ts'
import { documentationPolicy } from './securityHeaders.ts'

type DocumentationDeps = {
  readonly version: string
  readonly addresses: Addresses
  /** Read when the document is asked for: the application adds its routes later. */
  readonly routes: readonly RouteOptions[]
}

export async function documentation(
  app: Routes,
  { version, addresses, routes }: DocumentationDeps,
): Promise<void> {
  const accessOfRoute = (named: string) => {
    const [method, url] = named.split(' ')
    const route = routes.find((each) => each.url === url && [each.method].flat().includes(method ?? ''))
    return accessOf(route?.config ?? {})
  }

  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Order execution engine',
        description: 'Swaps on Solana DEXs: the best of Raydium and Meteora, landed exactly once.',
        version,
      },
    },
    transformObject: (given) =>
      'openapiObject' in given
        ? completeDocument(given.openapiObject as ApiDocument, accessOfRoute)
        : given.swaggerObject,
  })
  await app.register(async (pages) => {
    pages.addHook('onRoute', (route) => {
      route.config = { ...route.config, page: true }
    })
    await pages.register(swaggerUi, {
      routePrefix: '/docs',
      // Relative, so that the page finds its files behind a prefix that only the proxy knows.
      indexPrefix: '.',
      staticCSP: documentationPolicy,
      // The host that served the page: its content policy allows no other.
      transformSpecification: (document, request) => ({
        ...document,
        servers: [{ url: addresses.of(request.raw).prefix || '/' }],
      }),
      transformSpecificationClone: false,
    })
  })
  app.get(
    '/openapi.json',
    { config: { access: 'public' }, schema: { hide: true } },
    async ({ raw }: { raw: Parameters<Addresses['of']>[0] }) => {
      const { scheme, host, prefix } = addresses.of(raw)
      return { ...app.swagger(), servers: [{ url: `${scheme}://${host}${prefix}` }] }
    },
  )
}
