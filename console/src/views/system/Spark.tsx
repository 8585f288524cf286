// Owns small bars: one value each, the newest at the right.

import type { JSX } from 'preact'

const BAR = 2
const HEIGHT = 20

export function Spark({
  values,
  label,
}: {
  readonly values: readonly number[]
  readonly label: string
}): JSX.Element {
  const most = Math.max(1, ...values)
  return (
    <svg
      class="spark"
      width={values.length * BAR}
      height={HEIGHT}
      role="img"
      aria-label={`${label}: at most ${most}`}
    >
      <path class="spark-axis" d={`M0 ${HEIGHT - 0.5}H${values.length * BAR}`} />
      <path
        class="spark-bars"
        d={values
          .map((value, i) =>
            value === 0 ? '' : `M${i * BAR + 0.75} ${HEIGHT}v${-(value / most) * (HEIGHT - 1)}`,
          )
          .join('')}
      />
    </svg>
  )
}
