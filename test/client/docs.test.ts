// Every example of docs/client.md and of the README's client runs as it stands, against an engine.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const URL_SHOWN = 'http://127.0.0.1:3000'
const PRELUDE = `import { createClient, OeeError } from 'oee-client'
const oee = createClient({ url: '${URL_SHOWN}' })
`

let engine: EmbeddedEngine

beforeAll(async () => {
  engine = await startEmbedded()
}, 60_000)
afterAll(async () => {
  await engine.stop()
})

/** The blocks of JavaScript that use the client; those without an import go on from the first. */
function examplesIn(path: string): readonly string[] {
  const text = readFileSync(join(PROJECT, path), 'utf8')
  const blocks = [...text.matchAll(/^```js\n([\s\S]*?)^```/gm)].map(([, code = '']) => code)
  return blocks
    .filter((code) => /\boee\b/.test(code))
    .map((code) => (code.includes('import ') ? code : PRELUDE + code))
}

/** What an example shows. */
const callsIn = (code: string) => [...new Set(code.match(/(?<=oee\.)\w+/g))].join(', ')

async function run(code: string) {
  const args = ['--input-type=module', '-e', code.replace(URL_SHOWN, engine.url)]
  const child = spawn(process.execPath, args, { cwd: PROJECT })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text))
  const [status] = await once(child, 'close')
  return { status, said }
}

describe.each(['README.md', 'docs/client.md'])('%s', (path) => {
  const examples = examplesIn(path)

  test('shows the client', () => expect(examples.length).toBeGreaterThanOrEqual(path === 'README.md' ? 1 : 7))

  test.each(examples.map((code) => [callsIn(code), code] as const))(
    'has an example that runs: %s',
    async (_, code) => {
      const { status, said } = await run(code)
      expect({ status, said }).toMatchObject({ status: 0 })
    },
    60_000,
  )
})

test('the example of the README is eight lines, and prints each event of the order', async () => {
  const [code = ''] = examplesIn('README.md')
  expect(code.trim().split('\n').length).toBeLessThanOrEqual(8)
  const { said } = await run(code)
  for (const kind of ['accepted', 'triggered', 'routed', 'submitted', 'filled']) expect(said).toContain(kind)
}, 60_000)
