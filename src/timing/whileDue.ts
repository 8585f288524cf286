// Owns work that is done again for what has become due meanwhile, one run after the other.

export type WhileDue = {
  /** Begins a run where work is due and none is under way. */
  begin(): void
  /** Resolves once no run is under way. */
  idle(): Promise<void>
}

/** `run` never rejects, and leaves nothing due that it could have done. */
export function whileDue(isDue: () => boolean, run: () => Promise<void>): WhileDue {
  let running: Promise<void> | null = null

  function begin(): void {
    if (!isDue()) return
    running ??= run().finally(() => {
      running = null
      // What became due after the last look of that run and before this line would wait for the next event.
      begin()
    })
  }

  return {
    begin,
    async idle() {
      while (running !== null) await running
    },
  }
}
