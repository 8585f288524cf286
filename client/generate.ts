// Owns the generated part of the client: the types of requests and answers from the OpenAPI document, and the messages of the
// streams, which are a copy of the engine's own types.
import { readFileSync } from 'node:fs'
import openapi, { astToString, type OpenAPI3 } from 'openapi-typescript'

const WIRE = new URL('../src/domain/wire.ts', import.meta.url)

type Operation = { readonly responses: Readonly<Record<string, object>> }
type Document = OpenAPI3 & { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> }

/** The generated files by their names under client/src/generated/. */
export async function generate(document: object): Promise<Readonly<Record<string, string>>> {
  const { openapi: version, info, paths, components } = document as Document
  const types = astToString(
    await openapi(
      {
        openapi: version,
        info,
        paths: used(paths),
        components: { schemas: components?.schemas ?? {} },
      } as OpenAPI3,
      {
        immutable: true,
      },
    ),
  )
  return {
    'api.ts': `// Owns the types of requests and answers. Generated from /openapi.json.\n\n${types}`,
    'wire.ts': `// Generated from src/domain/wire.ts.\n${readFileSync(WIRE, 'utf8')}`,
  }
}

const mapEntries = <T, U>(values: Readonly<Record<string, T>>, change: (value: T, name: string) => U) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value, name)]))

/** What the client takes its types from: the messages of the rest are in wire.ts. */
const USED: Readonly<Record<string, readonly string[]>> = {
  '/api/orders/execute': ['post'],
  '/api/orders/{id}': ['patch'],
  '/api/orders': ['get', 'delete'],
  '/api/admin/trading': ['get'],
  '/api/wallet': ['get'],
  '/api/depth': ['get'],
  '/api/system': ['get'],
  '/api/simulation/launches': ['get', 'post'],
  '/api/simulation/faults': ['get', 'patch'],
  '/api/simulation/audit': ['get'],
}

/** Every error is the same to the client: only what succeeds has a type of its own. */
function used(paths: Document['paths']) {
  const chosen = mapEntries(USED, (methods, path) =>
    Object.fromEntries(methods.map((method) => [method, operationOf(paths, path, method)])),
  )
  return mapEntries(chosen, (operations) =>
    mapEntries(operations, (operation) => ({
      ...operation,
      responses: Object.fromEntries(
        Object.entries(operation.responses).filter(([status]) => status.startsWith('2')),
      ),
    })),
  )
}

function operationOf(paths: Document['paths'], path: string, method: string): Operation {
  const operation = paths[path]?.[method]
  if (operation === undefined) throw new Error(`the document has no ${method} ${path}`)
  return operation
}
