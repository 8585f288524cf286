// Owns the start of the page.

import './styles/tokens.css'
import './styles/base.css'
import './styles/parts.css'
import './shell/shell.css'
import { render } from 'preact'
import { readTrading } from './engine.ts'
import { listenToKeys } from './keys.ts'
import { followOrders } from './orders.ts'
import { Shell } from './shell/Shell.tsx'

/** Another console, or the command line, may throw the switch. */
const TRADING_EVERY_MS = 3_000

const root = document.getElementById('console')
if (root === null) throw new Error('the page has no place for the console')
render(<Shell />, root)
listenToKeys()
void followOrders()
void readTrading()
setInterval(() => {
  if (!document.hidden) void readTrading()
}, TRADING_EVERY_MS)
