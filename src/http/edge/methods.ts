// Owns 405: an address answers a method that it does not take with the methods that it takes.

import { METHODS } from 'node:http'
import type { RouteOptions } from 'fastify'
import type { Routes } from '../app.ts'
import { Problem } from '../problems.ts'

/** CONNECT asks for a tunnel; Node reports it as an event of its own. */
const ROUTABLE_METHODS = METHODS.filter((method) => method !== 'CONNECT')

/** Makes the framework route every method, so that none is answered as if the address did not exist. */
export function routeAllMethods(app: Routes): void {
  for (const method of ROUTABLE_METHODS) {
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method)
  }
}

/** Adds to each address of these routes the methods that it lacks, and to `allow` the ones that it takes. */
export function denyOtherMethods(
  app: Routes,
  routes: readonly RouteOptions[],
  allow: Map<string, string>,
): void {
  for (const [url, methods] of methodsByUrl(routes)) {
    const taken = [...methods].join(', ')
    allow.set(url, taken)
    app.route({
      method: ROUTABLE_METHODS.filter((method) => !methods.has(method)),
      url,
      config: { access: 'public' },
      schema: { hide: true },
      // Before the body is read: no body could make a difference.
      onRequest: async () => {
        throw new Problem('method_not_allowed', { headers: { allow: taken } })
      },
      handler: async () => undefined,
    })
  }
}

function methodsByUrl(routes: readonly RouteOptions[]): ReadonlyMap<string, ReadonlySet<string>> {
  const methodsOf = new Map<string, Set<string>>()
  for (const { url, method, config } of routes) {
    // The files of a page are many addresses under one pattern: what is no file is not found.
    if (config?.page === true) continue
    const methods = methodsOf.get(url) ?? new Set<string>()
    for (const name of [method].flat()) methods.add(name)
    methodsOf.set(url, methods)
  }
  return methodsOf
}
