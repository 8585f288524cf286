// Owns /llms.txt: what a language model has to know to use this engine, in a page.

export const llmsText = (title: string, base: string): string => `# ${title}

> Executes swaps on Solana DEXs. Post an order: the engine quotes Raydium and Meteora, routes to the best net output, signs, sends, and follows the swap until it has landed or provably cannot. Retries never swap twice.

Amounts are decimal strings in token units. Errors are application/problem+json: match on \`code\`. On loopback no key is needed by default; otherwise send \`Authorization: Bearer <key>\`.

## Main calls

- \`GET ${base}/api/tokens\`: the tokens that orders may name, by symbol or mint.
- \`GET ${base}/api/quotes?tokenIn=A&tokenOut=B&amountIn=100\`: what every venue pays now, and the route an order would take.
- \`POST ${base}/api/orders/preview\`: what placing the same body would answer. Writes nothing: preview before you place.
- \`POST ${base}/api/orders/execute\`: places an order. Send an \`Idempotency-Key\`, and repeat the request with it after a timeout. Example body: {"type":"market","tokenIn":"A","tokenOut":"B","amountIn":"100","slippageBps":100}
- \`GET ${base}/api/orders/{orderId}\`: the order with its events. Ended: \`confirmed\`, \`failed\`, \`canceled\`, \`expired\`; why: \`endReason\`, \`failure\`.
- \`GET ${base}/api/orders/{orderId}/events\`: the events as they happen, as server-sent events.
- \`GET ${base}/api/orders/stream\`: the same of all orders; resumes by \`cursor\`.
- \`DELETE ${base}/api/orders/{orderId}\`: cancels, until the swap is submitted; then 409 \`too_late\`.
- \`GET ${base}/api/orders?status=pending\`: orders, newest first; pages by \`cursor\`.

Order types: market, limit, stop, takeProfit, trailingStop, oco, twap, sniper.

## Documents

- [OpenAPI](${base}/openapi.json): every operation, its schemas, examples and error codes.
- [AsyncAPI](${base}/asyncapi.json): the streams over WebSocket and server-sent events.
- [Reference for people](${base}/docs)
`
