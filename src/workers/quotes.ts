// Owns asking the venues: all at once, each with the same deadline, none able to hold up the others.

import type { VenueAnswer } from '../domain/order.ts'
import type { Clock, QuoteRequest, Venue } from '../domain/ports.ts'
import type { Observe } from '../observe.ts'

export type QuoteDeps = {
  readonly venues: readonly Venue[]
  readonly clock: Clock
  readonly observe: Observe
  readonly quoteTimeoutMs: number
}

/** What each venue says within the deadline; a venue that is late or down is named with its reason. Never rejects. */
export function collectAnswers(request: QuoteRequest, deps: QuoteDeps): Promise<VenueAnswer[]> {
  return Promise.all(deps.venues.map((venue) => ask(venue, request, deps)))
}

async function ask(venue: Venue, request: QuoteRequest, deps: QuoteDeps): Promise<VenueAnswer> {
  const { clock, quoteTimeoutMs, observe } = deps
  const askedAt = clock.now()
  const answered = (rest: Pick<Quoted, 'quotes'> | Pick<Refused, 'refusal'>): VenueAnswer => ({
    venue: venue.name,
    latencyMs: clock.now() - askedAt,
    ...rest,
  })
  const answer = await new Promise<VenueAnswer>((resolve) => {
    const cancel = clock.after(quoteTimeoutMs, () => {
      resolve(
        answered({ refusal: { code: 'venue_timeout', detail: `no answer within ${quoteTimeoutMs} ms` } }),
      )
    })
    venue
      .quote(request)
      .then(
        (said) => answered('code' in said ? { refusal: said } : { quotes: said }),
        (error: unknown) => answered({ refusal: { code: 'venue_unavailable', detail: messageOf(error) } }),
      )
      .then((settled) => {
        cancel()
        resolve(settled)
      })
  })
  observe.venueAnswered(answer)
  return answer
}

type Quoted = Extract<VenueAnswer, { quotes: unknown }>
type Refused = Extract<VenueAnswer, { refusal: unknown }>

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
