// Owns what the doctor says of DATA_DIR, where an embedded engine keeps its orders.

import type { FolderFacts } from '../../domain/ports/survey.ts'
import { bytes, type Check, checksOf, cut } from './check.ts'

const { pass, warn, fail } = checksOf('data')
/** With less the engine refuses orders. */
const LEAST_BYTES = 24 * 2 ** 20
/** A day of orders, and the write-ahead log. */
const ENOUGH_BYTES = 2 ** 30

export function folderChecks(path: string, facts: FolderFacts): readonly Check[] {
  return [folder(path, facts), ...owner(path, facts), ...lock(path, facts), ...room(facts)]
}

function folder(path: string, { exists, hasDatabase, fault }: FolderFacts): Check {
  if (fault !== null) return fail('folder', ...cut(fault, 'set DATA_DIR to another folder'))
  if (!exists) return pass('folder', `${path} will be made by the first start`)
  return pass(
    'folder',
    `${path} ${hasDatabase ? 'holds a database' : 'is there; the first start makes the database'}`,
  )
}

function owner(path: string, { exists, foreignOwner, fault }: FolderFacts): Check[] {
  if (foreignOwner === null) return fault === null && exists ? [pass('owner', 'this user')] : []
  return [
    warn(
      'owner',
      `belongs to another user (uid ${foreignOwner}): what this one writes there, that one may not use`,
      `run the engine and this command as its owner, or give it away: chown -R $(id -u) ${path}`,
    ),
  ]
}

const UNSEEN = 'this user cannot see whether an engine holds it'

function lock(path: string, { lock, holder, fault }: FolderFacts): Check[] {
  const by = holder === null ? '' : ` (${holder})`
  switch (lock) {
    case 'free':
      return [pass('lock', 'free')]
    case 'held':
      return [pass('lock', `held by a running engine${by}; a second one on ${path} is refused`)]
    case 'stale':
      return [
        warn(
          'lock',
          `stale: its holder${by} ended without releasing it, as after a crash or kill -9`,
          'start the engine, which takes it over; never delete engine.lock',
        ),
      ]
    case 'unknown':
      // Of a folder that is refused anyway there is nothing more to say.
      return fault === null ? [warn('lock', UNSEEN, 'run the doctor as the user that runs the engine')] : []
  }
}

function room({ freeBytes }: FolderFacts): Check[] {
  if (freeBytes === null) return []
  const found = `${bytes(freeBytes)} free`
  if (freeBytes < LEAST_BYTES) {
    const refused = `${found}: the engine refuses orders below ${bytes(LEAST_BYTES)}`
    return [fail('disk', refused, 'make room, or set DATA_DIR to a folder on another disk')]
  }
  if (freeBytes >= ENOUGH_BYTES) return [pass('disk', found)]
  return [warn('disk', `${found}, which is little`, 'make room before it is full: orders are then refused')]
}
