// Owns the bar at the top: where one is, whether it is real money, whether the engine trades and whether what is shown is current.

import type { JSX } from 'preact'
import { connection, mode, trading, tradingState } from '../engine.ts'
import { duration } from '../format.ts'
import { linkTo, type ViewName, view, viewTitles } from '../location.ts'
import { now } from '../now.ts'
import { Icon } from './Icon.tsx'
import { isHaltOpen, isMenuOpen, isPaletteOpen } from './state.ts'

/** The order's own view is reached from the blotter. */
const shown: readonly ViewName[] = ['trade', 'blotter', 'portfolio', 'market', 'system']

export function Header(): JSX.Element {
  return (
    <header class={`bar on-deep ${mode.value === 'live' ? 'live' : ''}`}>
      <a class="bar-name" href={linkTo('blotter')}>
        <Icon />
        <span>Order execution engine</span>
      </a>
      <Navigation />
      <div class="bar-state">
        <Mode />
        <TradingSwitch />
        <ConnectionState />
        <button
          type="button"
          class="bar-button"
          aria-keyshortcuts="Control+K"
          onClick={() => {
            isPaletteOpen.value = true
          }}
        >
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path
              d="M10.5 10.5 14 14M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0z"
              fill="none"
              stroke="currentColor"
              stroke-width="1.5"
            />
          </svg>
          <span class="unseen">Find</span> <kbd>Ctrl K</kbd>
        </button>
        <button
          type="button"
          class="bar-button"
          aria-label="Settings"
          onClick={() => {
            isMenuOpen.value = true
          }}
        >
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d="M2 4h12M2 8h12M2 12h12" fill="none" stroke="currentColor" stroke-width="1.5" />
          </svg>
        </button>
      </div>
    </header>
  )
}

function Navigation(): JSX.Element {
  const current = view.value === 'order' ? 'blotter' : view.value
  return (
    <nav class="bar-views on-deep" aria-label="Views">
      {shown.map((name) => (
        <a key={name} href={linkTo(name)} aria-current={name === current ? 'page' : undefined}>
          {viewTitles[name]}
        </a>
      ))}
    </nav>
  )
}

function Mode(): JSX.Element {
  if (mode.value === 'live') return <strong class="bar-mode live">LIVE</strong>
  return <span class="bar-mode">{mode.value === null ? NOT_YET : 'SIMULATED'}</span>
}

/** Takes the room of the word that it stands for. */
const NOT_YET = '…'

const TRADING_WORDS = { active: 'trading', entries_halted: 'ENTRIES HALTED', halted: 'HALTED' }

/** A switch for a key that may throw it, else its state. */
function TradingSwitch(): JSX.Element | null {
  const { value: state } = tradingState
  if (state === null) return null
  if (trading.value === null) return <span class={`bar-trading-state ${state}`}>{TRADING_WORDS[state]}</span>
  return (
    <button
      type="button"
      class={`bar-button bar-trading ${state}`}
      onClick={() => {
        isHaltOpen.value = true
      }}
    >
      <span>{TRADING_WORDS[state]}</span>
      <span class="bar-act">{state === 'active' ? 'halt' : 'resume'}</span>
    </button>
  )
}

function ConnectionState(): JSX.Element {
  const { value } = connection
  switch (value.state) {
    case 'connected':
      return (
        <span class="bar-connection connected">
          <svg viewBox="0 0 12 12" width="10" height="10" aria-hidden="true">
            <circle cx="6" cy="6" r="5" fill="currentColor" />
          </svg>
          <span class="bar-wide">connected</span>
        </span>
      )
    case 'lost':
      return (
        <span class="bar-connection lost">
          <svg viewBox="0 0 12 12" width="10" height="10" aria-hidden="true">
            <circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" stroke-dasharray="2 2" />
          </svg>
          lost <span class="bar-wide">{duration(Math.max(0, now.value - value.since))}</span>
        </span>
      )
    default:
      return <span class="bar-connection">{value.state === 'denied' ? 'denied' : 'connecting'}</span>
  }
}
