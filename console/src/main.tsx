// Owns the start of the page.

import './styles/tokens.css'
import './styles/base.css'
import './styles/parts.css'
import './shell/shell.css'
import './styles/media.css'
import { render } from 'preact'
import { readSystem } from './engine.ts'
import { followOrders } from './follow.ts'
import { listenToKeys } from './keys.ts'
import { Shell } from './shell/Shell.tsx'

/** Another console, or the command line, may throw the switch. */
const SYSTEM_EVERY_MS = 2_000

const root = document.getElementById('console')
if (root === null) throw new Error('the page has no place for the console')
render(<Shell />, root)
listenToKeys()
void followOrders()
void readSystem()
setInterval(() => {
  if (!document.hidden) void readSystem()
}, SYSTEM_EVERY_MS)
