// Owns ids. Apart from the clock, which also the smallest command has: loading uuid takes as long as half of Node.

import { v7 } from 'uuid'
import type { Clock } from './clock.ts'
import type { Random } from './random.ts'

/** A UUIDv7: ids of one process sort by creation. */
export const createId = (clock: Clock, random: Random): string =>
  v7({ msecs: clock.now(), random: random.bytes(16) })
