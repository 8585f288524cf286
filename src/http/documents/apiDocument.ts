// Owns the OpenAPI document beyond what the routes' schemas give: ids, groups, keys, examples, and the errors of each operation.

import type { Access } from '../access.ts'
import { type ProblemCode, problemTable } from '../problems.ts'
import { ProblemBody } from '../schemas/apiSchemas.ts'
import { bodyExamples, queryExamples } from './examples.ts'
import {
  bodyCodes,
  everyCodes,
  keyCodes,
  type Operation,
  operations,
  queryCodes,
  sizeCodes,
  socketCodes,
  streamCodes,
  tags,
  workingCodes,
} from './operations.ts'

type Described = {
  readonly summary?: string
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, object>> }
  readonly responses?: Readonly<Record<string, object>>
}

export type ApiDocument = {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Described>>>>
  readonly components?: object
}

/** `accessOf` by method and route, as in the table of operations. */
export function completeDocument<D extends ApiDocument>(
  document: D,
  accessOf: (route: string) => Access | undefined,
): D {
  const paths = Object.entries(document.paths ?? {}).map(([path, methods]) => {
    const described = Object.entries(methods).map(([method, each]) => {
      const route = `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`
      const operation = operations[route]
      return [method, operation === undefined ? each : complete(each, route, operation, accessOf(route))]
    })
    return [path, Object.fromEntries(described)]
  })
  return {
    ...document,
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths: Object.fromEntries(paths),
    components: {
      ...document.components,
      schemas: { Problem: ProblemBody },
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key. On loopback none is needed by default.',
        },
      },
    },
  }
}

function complete(described: Described, route: string, operation: Operation, access: Access | undefined) {
  const { id, tag } = operation
  const isPublic = access === 'public'
  const query = queryExamples[route] ?? {}
  return {
    ...described,
    operationId: id,
    tags: [tag],
    ...(isPublic ? {} : { security: [{ key: [] }] }),
    ...(described.parameters === undefined
      ? {}
      : {
          parameters: described.parameters.map((parameter) => {
            const example = parameter.in === 'query' ? query[parameter.name] : undefined
            return example === undefined ? parameter : { ...parameter, example }
          }),
        }),
    ...(described.requestBody === undefined
      ? {}
      : { requestBody: withExamples(described.requestBody, route) }),
    responses: {
      ...successes(described, operation),
      ...failures(codesOf(described, route, operation, access)),
    },
  }
}

function withExamples({ content, ...body }: NonNullable<Described['requestBody']>, route: string) {
  const examples = Object.entries(bodyExamples[route] ?? {}).map(([name, value]) => [name, { value }])
  const named = Object.fromEntries(examples)
  const media = Object.entries(content).map(([type, each]) => [type, { ...each, examples: named }])
  return { ...body, content: Object.fromEntries(media) }
}

/** Every code that the operation can answer, in the order of the table of problems. */
function codesOf(
  { parameters = [], requestBody }: Described,
  route: string,
  { id, codes, stream }: Operation,
  access: Access | undefined,
): readonly ProblemCode[] {
  const isRead = route.startsWith('GET')
  const all = new Set<ProblemCode>([
    ...everyCodes,
    ...(id === 'getHealth' || id === 'getReadiness' ? [] : workingCodes),
    ...(access === 'public' ? [] : keyCodes),
    ...(access === 'public' || access === 'key' ? [] : (['scope_missing'] as const)),
    ...(parameters.some((parameter) => parameter.in === 'query') ? queryCodes : []),
    ...(isRead ? [] : sizeCodes),
    ...(requestBody === undefined ? [] : bodyCodes),
    ...(stream === undefined ? [] : streamCodes),
    ...(stream === 'websocket' || stream === 'both' ? socketCodes : []),
    ...codes,
  ])
  return (Object.keys(problemTable) as ProblemCode[]).filter((code) => all.has(code))
}

/** One response per status, which names its codes. */
function failures(codes: readonly ProblemCode[]): Readonly<Record<string, object>> {
  const statuses = [...new Set(codes.map((code) => problemTable[code].status))]
  return Object.fromEntries(
    statuses.map((status) => {
      const own = codes.filter((code) => problemTable[code].status === status)
      const schema = {
        allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: own } } }],
      }
      const description = own.map((code) => `- \`${code}\`: ${problemTable[code].title}`).join('\n')
      return [String(status), { description, content: { 'application/problem+json': { schema } } }]
    }),
  )
}

const EVENTS = {
  description: 'The stream, as server-sent events.',
  content: { 'text/event-stream': { schema: { type: 'string' } } },
}
const SOCKET = { description: 'The stream, as text frames. Its messages: /asyncapi.json.' }

function successes({ responses = {} }: Described, { stream }: Operation): Readonly<Record<string, object>> {
  const own = Object.entries(responses).filter(([status]) => /^\d{3}$/.test(status))
  // The framework names a 200 for each route that states no answer of its own.
  const stated = stream === undefined ? own : own.filter(([status]) => status !== '200')
  return {
    ...Object.fromEntries(stated),
    ...(stream === 'sse' || stream === 'both' ? { 200: EVENTS } : {}),
    ...(stream === 'websocket' || stream === 'both' ? { 101: SOCKET } : {}),
  }
}
