// Owns asking the venues: all at once, each with the same deadline, none able to hold up the others.

import type { VenueAnswer } from '../domain/order.ts'
import type { Clock, QuoteRequest, Stop, Venue } from '../domain/ports.ts'
import type { Observe } from '../observe.ts'

export type QuoteDeps = {
  readonly venues: readonly Venue[]
  readonly clock: Clock
  readonly observe: Observe
  readonly quoteTimeoutMs: number
}

/** What each venue says within the deadline; a venue that is late or down is named with its reason. Never rejects. */
export async function collectAnswers(request: QuoteRequest, deps: QuoteDeps): Promise<VenueAnswer[]> {
  const { clock, observe, quoteTimeoutMs, venues } = deps
  const askedAt = clock.now()
  let cancel: Stop = () => {}
  const deadline = new Promise<Said>((resolve) => {
    const refusal = { code: 'venue_timeout', detail: `no answer within ${quoteTimeoutMs} ms` } as const
    cancel = clock.after(quoteTimeoutMs, () => resolve({ refusal }))
  })
  const answers = await Promise.all(
    venues.map(async (venue): Promise<VenueAnswer> => {
      const said = await Promise.race([ask(venue, request), deadline])
      return { venue: venue.name, latencyMs: clock.now() - askedAt, ...said }
    }),
  )
  cancel()
  for (const answer of answers) observe.venueAnswered(answer)
  return answers
}

async function ask(venue: Venue, request: QuoteRequest): Promise<Said> {
  try {
    const said = await venue.quote(request)
    return 'code' in said ? { refusal: said } : { quotes: said }
  } catch (error) {
    return { refusal: { code: 'venue_unavailable', detail: messageOf(error) } }
  }
}

type Said = Pick<Quoted, 'quotes'> | Pick<Refused, 'refusal'>
type Quoted = Extract<VenueAnswer, { quotes: unknown }>
type Refused = Extract<VenueAnswer, { refusal: unknown }>

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
