// Owns the API's documentation: /openapi.json, /asyncapi.json, /llms.txt and the page at /docs, correct under every public address.

import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { RouteOptions } from 'fastify'
import { accessOf } from '../access.ts'
import type { Routes } from '../app.ts'
import type { Addresses, PublicAddress } from '../edge/publicAddress.ts'
import { documentationPolicy } from '../edge/securityHeaders.ts'
import { type ApiDocument, completeDocument } from './apiDocument.ts'
import { asyncApi } from './asyncApi.ts'
import { docsTheme } from './docsTheme.ts'
import { llmsText } from './llms.ts'

const TITLE = 'Order execution engine'

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
        title: TITLE,
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
      theme: docsTheme(TITLE),
      // Without the bar of the framework.
      uiConfig: { layout: 'BaseLayout', docExpansion: 'list', defaultModelsExpandDepth: 0 },
      // The host that served the page: its content policy allows no other.
      transformSpecification: (document, request) => ({
        ...document,
        servers: [{ url: addresses.of(request.raw).prefix || '/' }],
      }),
      transformSpecificationClone: false,
    })
  })
  const page = { config: { access: 'public' }, schema: { hide: true } } as const
  app.get('/openapi.json', page, async ({ raw }: Asked) => ({
    ...app.swagger(),
    servers: [{ url: baseOf(addresses.of(raw)) }],
  }))
  app.get('/asyncapi.json', page, async ({ raw }: Asked) => asyncApi(TITLE, version, addresses.of(raw)))
  app.get('/llms.txt', page, async ({ raw }: Asked, reply) =>
    reply.type('text/plain; charset=utf-8').send(llmsText(TITLE, baseOf(addresses.of(raw)))),
  )
}

type Asked = { readonly raw: Parameters<Addresses['of']>[0] }

const baseOf = ({ scheme, host, prefix }: PublicAddress) => `${scheme}://${host}${prefix}`
