// Figures of several runs and the tables made of them.

/** Rows by columns, each cell the values of all runs. */
export class Table {
  readonly title: string
  #rows = new Map<string, Map<string, number[]>>()

  constructor(title: string) {
    this.title = title
  }

  add(column: string, row: string, value: number) {
    const cells = this.#rows.get(row) ?? this.#newRow(row)
    cells.set(column, [...(cells.get(column) ?? []), value])
  }

  /** A row `topic: part` joins the rows of its topic; any other comes last. */
  #newRow(row: string): Map<string, number[]> {
    const topic = `${row.split(':')[0]}:`
    const rows = [...this.#rows]
    const after = rows.findLastIndex(([name]) => name.startsWith(topic))
    const cells = new Map<string, number[]>()
    rows.splice(after < 0 ? rows.length : after + 1, 0, [row, cells])
    this.#rows = new Map(rows)
    return cells
  }

  /** The median of a cell, NaN while it is empty. */
  median(column: string, row: string): number {
    return median(this.#rows.get(row)?.get(column) ?? [])
  }

  markdown(): string {
    if (this.#rows.size === 0) return ''
    const columns = [...new Set([...this.#rows.values()].flatMap((cells) => [...cells.keys()]))]
    const lines = [...this.#rows].map(([row, cells]) => [
      row,
      ...columns.map((column) => cellText(cells.get(column))),
    ])
    const head = [
      ['', ...columns],
      ['---', ...columns.map(() => '---:')],
    ]
    const text = [...head, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
    return `## ${this.title}\n\n${text}\n`
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor((sorted.length - 1) / 2)
  const [low = Number.NaN, high = low] = sorted.slice(middle, middle + 2 - (sorted.length % 2))
  return (low + high) / 2
}

export function cellText(values: readonly number[] | undefined): string {
  const known = values?.filter(Number.isFinite) ?? []
  if (known.length === 0) return '–'
  const text = numberText(median(known))
  return known.length === 1
    ? text
    : `${text} (${numberText(Math.min(...known))}–${numberText(Math.max(...known))})`
}

export function numberText(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}
