// Owns the frame around every view, and the acts that every view has.

import type { ComponentType, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { isConnected, keyProblem, trading } from '../engine.ts'
import { type Act, useActs } from '../keys.ts'
import { go, type ViewName, view, viewTitles } from '../location.ts'
import { type Message, messageOf } from '../messages.ts'
import { Problem } from '../parts/Problem.tsx'
import { theme, zone } from '../settings.ts'
import { HaltDialog } from './HaltDialog.tsx'
import { Header } from './Header.tsx'
import { Help } from './Help.tsx'
import { KeyDialog } from './KeyDialog.tsx'
import { Menu } from './Menu.tsx'
import { Notices } from './Notices.tsx'
import { Palette } from './Palette.tsx'
import { isHaltOpen, isHelpOpen, isKeyOpen, isMenuOpen, isPaletteOpen } from './state.ts'
import { Toasts } from './Toasts.tsx'

/** Each view is loaded when it is first shown. */
const load: Readonly<Record<ViewName, () => Promise<ComponentType>>> = {
  trade: () => import('../views/trade/Trade.tsx').then(({ Trade }) => Trade),
  blotter: () => import('../views/blotter/Blotter.tsx').then(({ Blotter }) => Blotter),
  order: () => import('../views/order/OrderView.tsx').then(({ OrderView }) => OrderView),
  portfolio: () => import('../views/portfolio/Portfolio.tsx').then(({ Portfolio }) => Portfolio),
  market: () => import('../views/market/Market.tsx').then(({ Market }) => Market),
  system: () => import('../views/system/System.tsx').then(({ System }) => System),
}

const globalActs: readonly Act[] = [
  {
    keys: 'Ctrl+K',
    label: 'Find a view, an act or an order',
    inFields: true,
    run: () => {
      isPaletteOpen.value = true
    },
  },
  {
    keys: '?',
    label: 'List the keys',
    run: () => {
      isHelpOpen.value = true
    },
  },
  { keys: 'g t', label: 'Go to Trade', run: () => go('trade') },
  { keys: 'g o', label: 'Go to Orders', run: () => go('blotter') },
  { keys: 'g p', label: 'Go to Portfolio', run: () => go('portfolio') },
  { keys: 'g m', label: 'Go to Market', run: () => go('market') },
  { keys: 'g s', label: 'Go to System', run: () => go('system') },
  {
    keys: 'Shift+H',
    label: 'Halt or resume trading',
    run: () => {
      isHaltOpen.value = trading.value !== null
    },
  },
  {
    label: 'Use the light theme',
    run: () => {
      theme.value = 'light'
    },
  },
  {
    label: 'Use the dark theme',
    run: () => {
      theme.value = 'dark'
    },
  },
  {
    label: 'Use the theme of the system',
    run: () => {
      theme.value = 'system'
    },
  },
  {
    keys: 'Shift+Z',
    label: 'Show times in UTC or as on this computer',
    run: () => {
      zone.value = zone.value === 'utc' ? 'local' : 'utc'
    },
  },
  {
    label: 'Use another key',
    run: () => {
      isKeyOpen.value = true
    },
  },
  {
    label: 'Settings',
    run: () => {
      isMenuOpen.value = true
    },
  },
]

export function Shell(): JSX.Element {
  useActs('Everywhere', globalActs)
  useEffect(() => {
    document.title = `${viewTitles[view.value]} · Order execution engine`
  }, [view.value])
  return (
    <>
      <a class="skip" href="#view" onClick={skip}>
        To the view
      </a>
      <Header />
      <Notices />
      <main id="view" tabIndex={-1} class={`view view-${view.value}`}>
        <h1 class="unseen">{viewTitles[view.value]}</h1>
        <CurrentView name={view.value} />
      </main>
      <Toasts />
      {isPaletteOpen.value ? <Palette /> : null}
      {isHelpOpen.value ? <Help /> : null}
      {isMenuOpen.value ? <Menu /> : null}
      {isHaltOpen.value ? <HaltDialog /> : null}
      {isKeyOpen.value || keyProblem.value !== null ? <KeyDialog /> : null}
    </>
  )
}

/** The hash is the location: a jump within the page must not change it. */
function skip(event: Event): void {
  event.preventDefault()
  document.getElementById('view')?.focus()
}

type Loaded = { readonly name: ViewName; readonly View: ComponentType } | { readonly message: Message }

/** The view before stays until the next one is there: nothing jumps. */
function CurrentView({ name }: { readonly name: ViewName }): JSX.Element | null {
  const [loaded, setLoaded] = useState<Loaded | null>(null)
  const isFailed = loaded !== null && 'message' in loaded
  // One that was not loaded, for the engine was away, is loaded once it is back.
  useEffect(() => {
    let isWanted = true
    load[name]().then(
      (View) => isWanted && setLoaded({ name, View }),
      (error: unknown) => isWanted && setLoaded({ message: messageOf(error) }),
    )
    return () => {
      isWanted = false
    }
  }, [name, isFailed && isConnected.value])
  if (loaded === null) return null
  if ('message' in loaded) {
    const next = isConnected.value ? 'Reload the page.' : 'It is loaded once the engine answers again.'
    return <Problem message={{ ...loaded.message, text: 'The view could not be loaded.', next }} />
  }
  const { View } = loaded
  return <View key={loaded.name} />
}
