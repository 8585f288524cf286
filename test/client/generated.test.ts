// The generated part of the client is what the engine would generate now. UPDATE_DOCS=1 writes it.
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { generate } from '../../client/generate.ts'
import { send } from '../support/client.ts'
import { startEmbedded } from '../support/engines.ts'

const FOLDER = new URL('../../client/src/generated/', import.meta.url)

test('the types of the client are those of the engine', async () => {
  const engine = await startEmbedded()
  try {
    const { body: document } = await send(`${engine.url}/openapi.json`)
    for (const [name, text] of Object.entries(await generate(document))) {
      const file = new URL(name, FOLDER)
      if (process.env.UPDATE_DOCS === '1') writeFileSync(file, text)
      expect(
        readFileSync(file, 'utf8'),
        `client/src/generated/${name} is outdated: npm run client:types`,
      ).toBe(text)
    }
  } finally {
    await engine.stop()
  }
})
