// Owns the figures of all rounds, what they must reach, and their table.
import { cellText, median, numberText } from '../report.ts'

type Target = { readonly most: number } | { readonly least: number }
type Figure = {
  readonly what: string
  readonly unit: string
  readonly values: number[]
  readonly target: Target | null
}

export function createFigures() {
  const figures = new Map<string, Figure>()

  return {
    /** Adds the figure of one round; rows are in the order in which they came first. */
    add(what: string, unit: string, value: number, target: Target | null = null): void {
      const figure = figures.get(what) ?? { what, unit, values: [], target }
      figure.values.push(value)
      figures.set(what, figure)
    },
    misses: () =>
      [...figures.values()].filter(isMissed).map(({ what, unit, values, target }) => {
        return `${what}: ${numberText(median(values))} ${unit}, must be ${targetText(target, unit)}`
      }),
    markdown(): string {
      const rows = [...figures.values()].map((figure) => {
        const { what, unit, values, target } = figure
        return `| ${what} | ${cellText(values)} ${unit} | ${targetText(target, unit)}${isMissed(figure) ? ' ✗' : ''} |`
      })
      return `| What | Seen | Must be |\n| --- | ---: | ---: |\n${rows.join('\n')}\n`
    },
  }
}

function isMissed({ values, target }: Figure): boolean {
  if (target === null) return false
  return 'most' in target ? median(values) > target.most : median(values) < target.least
}

function targetText(target: Target | null, unit: string): string {
  if (target === null) return ''
  return 'most' in target ? `≤ ${target.most} ${unit}` : `≥ ${target.least} ${unit}`
}
