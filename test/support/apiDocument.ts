// Owns reading the OpenAPI document of an engine, as a client generator would.
import { send } from './client.ts'

type Schema = Readonly<Record<string, unknown>>
export type Operation = {
  readonly operationId?: string
  readonly tags?: readonly string[]
  readonly summary?: string
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly example?: string }[]
  readonly requestBody?: {
    readonly content: Readonly<
      Record<string, { readonly examples?: Readonly<Record<string, { readonly value: Schema }>> }>
    >
  }
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>
  >
}
export type ApiDocument = {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

export const readApi = async (url: string): Promise<ApiDocument> =>
  (await send<ApiDocument>(`${url}/openapi.json`)).body

/** Every operation, by method and path. */
export const operationsOf = ({ paths }: ApiDocument) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )

/** The operation that answers at an address, which may have a query. */
export function operationAt(api: ApiDocument, method: string, address: string): Operation | undefined {
  const [path = ''] = address.split('?')
  const methods =
    api.paths[path] ??
    Object.entries(api.paths).find(([pattern]) =>
      new RegExp(`^${pattern.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
    )?.[1]
  return methods?.[method.toLowerCase()]
}

/** The codes that an operation names for a status. */
export function codesAt({ responses }: Operation, status: number): readonly string[] {
  const schema = responses[status]?.content?.['application/problem+json']?.schema
  const [, own] = (schema?.allOf ?? []) as readonly { properties?: { code: { enum: string[] } } }[]
  return own?.properties?.code.enum ?? []
}
