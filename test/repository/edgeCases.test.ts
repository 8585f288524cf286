// Holds the table of edge cases in docs/orders.md to the tests: each row names one that exists.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')

/** A title may have parts that change, written as an ellipsis. */
const isIn = (path: string, title: string) =>
  title.split('…').every((part) => read(path).includes(part.trim()))

test('every edge case of docs/orders.md names a test that exists', () => {
  const [, table = ''] = read('docs/orders.md').split('## Edge cases')
  const rows = table.split('\n').filter((line) => /^\| [^-]/.test(line))
  expect(rows.length).toBeGreaterThan(10)
  const missing = rows.slice(1).filter((row) => {
    const [, label = '', path = '', title = ''] =
      /\[`([\w/]+)`\]\(\.\.\/(test\/[^)]+)\): (.+?) +\|$/.exec(row) ?? []
    return title === '' || path !== `test/${label}.test.ts` || !isIn(path, title)
  })
  expect(missing).toEqual([])
})
