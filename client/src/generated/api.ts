// Owns the types of requests and answers. Generated from /openapi.json.

export interface paths {
    readonly "/api/orders/execute": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Submit an order. Answers once it is durable. */
        readonly post: operations["placeOrder"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/orders/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        /** Change, pause or resume an order that waits for a price, until it is submitted. */
        readonly patch: operations["amendOrder"];
        readonly trace?: never;
    };
    readonly "/api/orders": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Orders, newest first. */
        readonly get: operations["listOrders"];
        readonly put?: never;
        readonly post?: never;
        /** Count the open orders that fit a filter; with confirm, cancel them. */
        readonly delete: operations["cancelOrders"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/admin/trading": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Whether the engine trades. */
        readonly get: operations["getTrading"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/wallet": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What the wallet holds, and how much of it the resting orders of all keys sell together. */
        readonly get: operations["getWallet"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/depth": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What each venue, and the route of an order, would pay for amounts of every size up to one. */
        readonly get: operations["getDepth"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/system": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Mode, trading switch, queue, open orders, and each process with its view of the venues. */
        readonly get: operations["getSystem"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/simulation/launches": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The tokens that were launched on the simulated chain, and those to come. */
        readonly get: operations["listLaunches"];
        readonly put?: never;
        /** Launch a token on the simulated chain, with a pool against SOL. */
        readonly post: operations["launchToken"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/simulation/faults": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What goes wrong in the simulated world now. */
        readonly get: operations["getFaults"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        /** Let something go wrong, in every process within a second, or end it. Outlives restarts. */
        readonly patch: operations["setFaults"];
        readonly trace?: never;
    };
    readonly "/api/simulation/audit": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Orders beside the ledger of the simulated chain: how many are lost, how many doubled. */
        readonly get: operations["auditOrders"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        readonly Problem: {
            readonly type: string;
            readonly title: string;
            readonly status: number;
            /** @enum {unknown} */
            readonly code: "invalid_json" | "invalid_utf8" | "duplicate_key" | "too_deep" | "body_not_object" | "forbidden_key" | "invalid_request" | "invalid_cursor" | "idempotency_key_invalid" | "key_required" | "key_invalid" | "scope_missing" | "origin_denied" | "order_not_found" | "not_found" | "method_not_allowed" | "request_timeout" | "cursor_expired" | "too_late" | "client_order_id_taken" | "version_mismatch" | "body_too_large" | "uri_too_long" | "unsupported_media_type" | "missing_field" | "unknown_field" | "invalid_type" | "unsupported_order_type" | "unknown_token" | "same_token" | "token_taken" | "no_forks" | "no_such_pool" | "amount_malformed" | "amount_not_positive" | "amount_precision" | "amount_range" | "number_not_exact" | "token_not_allowed" | "order_notional_exceeded" | "slippage_invalid" | "slippage_twice" | "price_malformed" | "unknown_source" | "expiry_invalid" | "start_invalid" | "terms_contradict" | "would_fire_at_once" | "off_market" | "impact_needs_consent" | "filter_required" | "confirm_invalid" | "confirm_expired" | "pool_too_old" | "not_amendable" | "idempotency_key_reused" | "upgrade_required" | "too_many_requests" | "too_many_sockets" | "rate_limited" | "open_orders_exceeded" | "daily_notional_exceeded" | "entries_halted" | "cooldown" | "daily_loss_exceeded" | "daily_fees_exceeded" | "headers_too_large" | "internal_error" | "store_unavailable" | "overloaded" | "too_many_resting_orders" | "trading_halted" | "queue_unavailable" | "shutting_down";
            readonly requestId: string;
        } & {
            readonly [key: string]: unknown;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly placeOrder: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Same key and body: the same order again. Same key, other body: 422. */
                readonly "idempotency-key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @enum {string} */
                    readonly type: "market";
                    /** @description Symbol or mint address of a known token. */
                    readonly tokenIn: string;
                    /** @description Symbol or mint address of a known token. */
                    readonly tokenOut: string;
                    /** @description Amount of tokenIn in token units; a string keeps every digit. */
                    readonly amountIn: string | number;
                    /** @description Fraction: 0.01 is 1 %. At most 0.5. */
                    readonly slippage?: string | number;
                    /** @description 100 is 1 %. */
                    readonly slippageBps?: number;
                    /** @description Only pools of these venues. */
                    readonly venues?: readonly ("raydium" | "meteora")[];
                    /** @description How far the amount may move the price. */
                    readonly maxPriceImpactBps?: number;
                    /** @description false: all of it goes one way. */
                    readonly split?: boolean;
                    /** @description Your own id for the order, unique for ever: repeating it returns the same order. */
                    readonly clientOrderId?: string;
                    /** @description Legs that sell what was bought, from its fill on; together no more than that. Their prices: how much of what was spent one unit of what was bought pays. */
                    readonly exits?: readonly ({
                        /** @enum {string} */
                        readonly type: "takeProfit";
                        /**
                         * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                         * @enum {unknown}
                         */
                        readonly priceOf?: "tokenIn" | "tokenOut";
                        /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                        readonly expiresAt?: string;
                        /** @description The least that the swap may pay once it has fired. */
                        readonly limitPrice?: string | number;
                        /** @description The slippage of each attempt; the last one holds for all that follow. */
                        readonly slippageLadderBps?: readonly number[];
                        /** @description What failed attempts may cost in network fees, in SOL. */
                        readonly feeBudget?: string | number;
                        /** @description 100 is 1 %. */
                        readonly slippageBps?: number;
                        /** @description The part that it sells; what the other legs leave when absent. */
                        readonly shareBps?: number;
                        readonly trigger: {
                            /** @description The price at which it fires. */
                            readonly price: string | number;
                            /** @description executable (the default: what the whole amount would get), a venue, or a pool address. */
                            readonly source?: string;
                            /** @description In how many slots the price must be seen. */
                            readonly observations?: number;
                            /** @description For how long it must be there. */
                            readonly dwellMs?: number;
                            /** @description An older price never fires. */
                            readonly maxAgeMs?: number;
                        };
                    } | {
                        /** @enum {string} */
                        readonly type: "stop";
                        /**
                         * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                         * @enum {unknown}
                         */
                        readonly priceOf?: "tokenIn" | "tokenOut";
                        /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                        readonly expiresAt?: string;
                        /** @description The least that the swap may pay once it has fired. */
                        readonly limitPrice?: string | number;
                        /** @description The slippage of each attempt; the last one holds for all that follow. */
                        readonly slippageLadderBps?: readonly number[];
                        /** @description What failed attempts may cost in network fees, in SOL. */
                        readonly feeBudget?: string | number;
                        /** @description 100 is 1 %. */
                        readonly slippageBps?: number;
                        /** @description The part that it sells; what the other legs leave when absent. */
                        readonly shareBps?: number;
                        readonly trigger: {
                            /** @description The price at which it fires. */
                            readonly price: string | number;
                            /** @description executable (the default: what the whole amount would get), a venue, or a pool address. */
                            readonly source?: string;
                            /** @description In how many slots the price must be seen. */
                            readonly observations?: number;
                            /** @description For how long it must be there. */
                            readonly dwellMs?: number;
                            /** @description An older price never fires. */
                            readonly maxAgeMs?: number;
                        };
                    } | {
                        /** @enum {string} */
                        readonly type: "trailingStop";
                        /**
                         * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                         * @enum {unknown}
                         */
                        readonly priceOf?: "tokenIn" | "tokenOut";
                        /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                        readonly expiresAt?: string;
                        /** @description The least that the swap may pay once it has fired. */
                        readonly limitPrice?: string | number;
                        /** @description The slippage of each attempt; the last one holds for all that follow. */
                        readonly slippageLadderBps?: readonly number[];
                        /** @description What failed attempts may cost in network fees, in SOL. */
                        readonly feeBudget?: string | number;
                        /** @description 100 is 1 %. */
                        readonly slippageBps?: number;
                        /** @description The part that it sells; what the other legs leave when absent. */
                        readonly shareBps?: number;
                        readonly trigger: {
                            /** @description How far the price may fall from the best one since its activation. */
                            readonly trailingBps: number;
                            /** @description The price from which it follows; from the start when absent. */
                            readonly activationPrice?: string | number;
                            /** @description executable (the default: what the whole amount would get), a venue, or a pool address. */
                            readonly source?: string;
                            /** @description In how many slots the price must be seen. */
                            readonly observations?: number;
                            /** @description For how long it must be there. */
                            readonly dwellMs?: number;
                            /** @description An older price never fires. */
                            readonly maxAgeMs?: number;
                        };
                    } | {
                        /** @enum {string} */
                        readonly type: "limit";
                        /**
                         * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                         * @enum {unknown}
                         */
                        readonly priceOf?: "tokenIn" | "tokenOut";
                        /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                        readonly expiresAt?: string;
                        /** @description The least that the whole amount must pay, fees and price impact included. */
                        readonly limitPrice: string | number;
                        readonly trigger?: {
                            /** @description In how many slots the price must be seen. */
                            readonly observations?: number;
                            /** @description For how long it must be there. */
                            readonly dwellMs?: number;
                            /** @description An older price never fires. */
                            readonly maxAgeMs?: number;
                        };
                        /** @description 100 is 1 %. */
                        readonly slippageBps?: number;
                        /** @description The part that it sells; what the other legs leave when absent. */
                        readonly shareBps?: number;
                    })[];
                    /** @description How long after its fill what the exits have left is sold at the market. */
                    readonly maxHoldMs?: number;
                    /** @description Consent to an amount that itself worsens the price by 5 % or more. */
                    readonly acceptImpact?: boolean;
                } | {
                    /** @enum {string} */
                    readonly type: "limit";
                    /** @description Symbol or mint address of a known token. */
                    readonly tokenIn: string;
                    /** @description Symbol or mint address of a known token. */
                    readonly tokenOut: string;
                    /** @description Amount of tokenIn in token units; a string keeps every digit. */
                    readonly amountIn: string | number;
                    /** @description Fraction: 0.01 is 1 %. At most 0.5. */
                    readonly slippage?: string | number;
                    /** @description 100 is 1 %. */
                    readonly slippageBps?: number;
                    /** @description Only pools of these venues. */
                    readonly venues?: readonly ("raydium" | "meteora")[];
                    /** @description How far the amount may move the price. */
                    readonly maxPriceImpactBps?: number;
                    /** @description false: all of it goes one way. */
                    readonly split?: boolean;
                    /** @description Your own id for the order, unique for ever: repeating it returns the same order. */
                    readonly clientOrderId?: string;
                    /**
                     * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                     * @enum {unknown}
                     */
                    readonly priceOf?: "tokenIn" | "tokenOut";
                    /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                    readonly expiresAt?: string;
                    /** @description The least that the whole amount must pay, fees and price impact included. */
                    readonly limitPrice: string | number;
                    readonly trigger?: {
                        /** @description In how many slots the price must be seen. */
                        readonly observations?: number;
                        /** @description For how long it must be there. */
                        readonly dwellMs?: number;
                        /** @description An older price never fires. */
                        readonly maxAgeMs?: number;
                    };
                    /** @description Legs that sell what was bought, from its fill on; together no more than that. Their prices: how much of what was spent one unit of what was bought pays. */
                    readonly exits?: readonly ({
                        /** @enum {string} */
                        readonly type: "takeProfit";
                        /**
                         * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                         * @enum {unknown}
                         */
                        readonly priceOf?: "tokenIn" | "tokenOut";
                        /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                        readonly expiresAt?: string;
                        /** @description The least that the swap may pay once it has fired. */
                        readonly limitPrice?: string | number;
                        /** @description The slippage of each attempt; the last one holds for all that follow. */
                        readonly slippageLadderBps?: readonly number[];
                        /** @description What failed attempts may cost in network fees, in SOL. */
                        readonly feeBudget?: string | number;
                        /** @description 100 is 1 %. */
                        readonly slippageBps?: number;
                        /** @description The part that it sells; what the other legs leave when absent. */
                        readonly shareBps?: number;
                        readonly trigger: {
                            /** @description The price at which it fires. */
                            readonly price: string | number;
                            /** @description executable (the default: what the whole amount would get), a venue, or a pool address. */
                            readonly source?: string;
                            /** @description In how many slots the price must be seen. */
                            readonly observations?: number;
                            /** @description For how long it must be there. */
                            readonly dwellMs?: number;
                            /** @description An older price never fires. */
                            readonly maxAgeMs?: number;
                        };
                    } | {
                        /** @enum {string} */
                        readonly type: "stop";
                        /**
                         * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                         * @enum {unknown}
                         */
                        readonly priceOf?: "tokenIn" | "tokenOut";
                        /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                        readonly expiresAt?: string;
                        /** @description The least that the swap may pay once it has fired. */
                        readonly limitPrice?: string | number;
                        /** @description The slippage of each attempt; the last one holds for all that follow. */
                        readonly slippageLadderBps?: readonly number[];
                        /** @description What failed attempts may cost in network fees, in SOL. */
                        readonly feeBudget?: string | number;
                        /** @description 100 is 1 %. */
                        readonly slippageBps?: number;
                        /** @description The part that it sells; what the other legs leave when absent. */
                        readonly shareBps?: number;
                        readonly trigger: {
                            /** @description The price at which it fires. */
                            readonly price: string | number;
                            /** @description executable (the default: what the whole amount would get), a venue, or a pool address. */
                            readonly source?: string;
                            /** @description In how many slots the price must be seen. */
                            readonly observations?: number;
                            /** @description For how long it must be there. */
                            readonly dwellMs?: number;
                            /** @description An older price never fires. */
                            readonly maxAgeMs?: number;
                        };
                    } | {
                        /** @enum {string} */
                        readonly type: "trailingStop";
                        /**
                         * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                         * @enum {unknown}
                         */
                        readonly priceOf?: "tokenIn" | "tokenOut";
                        /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                        readonly expiresAt?: string;
                        /** @description The least that the swap may pay once it has fired. */
                        readonly limitPrice?: string | number;
                        /** @description The slippage of each attempt; the last one holds for all that follow. */
                        readonly slippageLadderBps?: readonly number[];
                        /** @description What failed attempts may cost in network fees, in SOL. */
                        readonly feeBudget?: string | number;
                        /** @description 100 is 1 %. */
                        readonly slippageBps?: number;
                        /** @description The part that it sells; what the other legs leave when absent. */
                        readonly shareBps?: number;
                        readonly trigger: {
                            /** @description How far the price may fall from the best one since its activation. */
                            readonly trailingBps: number;
                            /** @description The price from which it follows; from the start when absent. */
                            readonly activationPrice?: string | number;
                            /** @description executable (the default: what the whole amount would get), a venue, or a pool address. */
                            readonly source?: string;
                            /** @description In how many slots the price must be seen. */
                            readonly observations?: number;
                            /** @description For how long it must be there. */
                            readonly dwellMs?: number;
                            /** @description An older price never fires. */
                            readonly maxAgeMs?: number;
                        };
                    } | {
                        /** @enum {string} */
                        readonly type: "limit";
                        /**
                         * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                         * @enum {unknown}
                         */
                        readonly priceOf?: "tokenIn" | "tokenOut";
                        /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                        readonly expiresAt?: string;
                        /** @description The least that the whole amount must pay, fees and price impact included. */
                        readonly limitPrice: string | number;
                        readonly trigger?: {
                            /** @description In how many slots the price must be seen. */
                            readonly observations?: number;
                            /** @description For how long it must be there. */
                            readonly dwellMs?: number;
                            /** @description An older price never fires. */
                            readonly maxAgeMs?: number;
                        };
                        /** @description 100 is 1 %. */
                        readonly slippageBps?: number;
                        /** @description The part that it sells; what the other legs leave when absent. */
                        readonly shareBps?: number;
                    })[];
                    /** @description How long after its fill what the exits have left is sold at the market. */
                    readonly maxHoldMs?: number;
                    /**
                     * @description What becomes of an order whose price is there already.
                     * @enum {unknown}
                     */
                    readonly onImmediate?: "fire" | "reject";
                    /**
                     * @description IOC and FOK: now or not at all. GTC and GTT: until expiresAt.
                     * @enum {unknown}
                     */
                    readonly timeInForce?: "GTC" | "GTT" | "IOC" | "FOK";
                    /** @description Consent to a price more than 5 % worse than the market. */
                    readonly acceptOffMarket?: boolean;
                    /** @description Consent to an amount that itself worsens the price by 5 % or more. */
                    readonly acceptImpact?: boolean;
                } | {
                    /** @enum {string} */
                    readonly type: "stop";
                    /** @description Symbol or mint address of a known token. */
                    readonly tokenIn: string;
                    /** @description Symbol or mint address of a known token. */
                    readonly tokenOut: string;
                    /** @description Amount of tokenIn in token units; a string keeps every digit. */
                    readonly amountIn: string | number;
                    /** @description Fraction: 0.01 is 1 %. At most 0.5. */
                    readonly slippage?: string | number;
                    /** @description 100 is 1 %. */
                    readonly slippageBps?: number;
                    /** @description Only pools of these venues. */
                    readonly venues?: readonly ("raydium" | "meteora")[];
                    /** @description How far the amount may move the price. */
                    readonly maxPriceImpactBps?: number;
                    /** @description false: all of it goes one way. */
                    readonly split?: boolean;
                    /** @description Your own id for the order, unique for ever: repeating it returns the same order. */
                    readonly clientOrderId?: string;
                    /**
                     * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                     * @enum {unknown}
                     */
                    readonly priceOf?: "tokenIn" | "tokenOut";
                    /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                    readonly expiresAt?: string;
                    /**
                     * @description What becomes of an order whose price is there already.
                     * @enum {unknown}
                     */
                    readonly onImmediate?: "fire" | "reject";
                    /** @description The least that the swap may pay once it has fired. */
                    readonly limitPrice?: string | number;
                    /** @description The slippage of each attempt; the last one holds for all that follow. */
                    readonly slippageLadderBps?: readonly number[];
                    /** @description What failed attempts may cost in network fees, in SOL. */
                    readonly feeBudget?: string | number;
                    readonly trigger: {
                        /** @description The price at which it fires. */
                        readonly price: string | number;
                        /** @description executable (the default: what the whole amount would get), a venue, or a pool address. */
                        readonly source?: string;
                        /** @description In how many slots the price must be seen. */
                        readonly observations?: number;
                        /** @description For how long it must be there. */
                        readonly dwellMs?: number;
                        /** @description An older price never fires. */
                        readonly maxAgeMs?: number;
                    };
                } | {
                    /** @enum {string} */
                    readonly type: "takeProfit";
                    /** @description Symbol or mint address of a known token. */
                    readonly tokenIn: string;
                    /** @description Symbol or mint address of a known token. */
                    readonly tokenOut: string;
                    /** @description Amount of tokenIn in token units; a string keeps every digit. */
                    readonly amountIn: string | number;
                    /** @description Fraction: 0.01 is 1 %. At most 0.5. */
                    readonly slippage?: string | number;
                    /** @description 100 is 1 %. */
                    readonly slippageBps?: number;
                    /** @description Only pools of these venues. */
                    readonly venues?: readonly ("raydium" | "meteora")[];
                    /** @description How far the amount may move the price. */
                    readonly maxPriceImpactBps?: number;
                    /** @description false: all of it goes one way. */
                    readonly split?: boolean;
                    /** @description Your own id for the order, unique for ever: repeating it returns the same order. */
                    readonly clientOrderId?: string;
                    /**
                     * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                     * @enum {unknown}
                     */
                    readonly priceOf?: "tokenIn" | "tokenOut";
                    /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                    readonly expiresAt?: string;
                    /**
                     * @description What becomes of an order whose price is there already.
                     * @enum {unknown}
                     */
                    readonly onImmediate?: "fire" | "reject";
                    /** @description The least that the swap may pay once it has fired. */
                    readonly limitPrice?: string | number;
                    /** @description The slippage of each attempt; the last one holds for all that follow. */
                    readonly slippageLadderBps?: readonly number[];
                    /** @description What failed attempts may cost in network fees, in SOL. */
                    readonly feeBudget?: string | number;
                    readonly trigger: {
                        /** @description The price at which it fires. */
                        readonly price: string | number;
                        /** @description executable (the default: what the whole amount would get), a venue, or a pool address. */
                        readonly source?: string;
                        /** @description In how many slots the price must be seen. */
                        readonly observations?: number;
                        /** @description For how long it must be there. */
                        readonly dwellMs?: number;
                        /** @description An older price never fires. */
                        readonly maxAgeMs?: number;
                    };
                } | {
                    /** @enum {string} */
                    readonly type: "trailingStop";
                    /** @description Symbol or mint address of a known token. */
                    readonly tokenIn: string;
                    /** @description Symbol or mint address of a known token. */
                    readonly tokenOut: string;
                    /** @description Amount of tokenIn in token units; a string keeps every digit. */
                    readonly amountIn: string | number;
                    /** @description Fraction: 0.01 is 1 %. At most 0.5. */
                    readonly slippage?: string | number;
                    /** @description 100 is 1 %. */
                    readonly slippageBps?: number;
                    /** @description Only pools of these venues. */
                    readonly venues?: readonly ("raydium" | "meteora")[];
                    /** @description How far the amount may move the price. */
                    readonly maxPriceImpactBps?: number;
                    /** @description false: all of it goes one way. */
                    readonly split?: boolean;
                    /** @description Your own id for the order, unique for ever: repeating it returns the same order. */
                    readonly clientOrderId?: string;
                    /**
                     * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                     * @enum {unknown}
                     */
                    readonly priceOf?: "tokenIn" | "tokenOut";
                    /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                    readonly expiresAt?: string;
                    /**
                     * @description What becomes of an order whose price is there already.
                     * @enum {unknown}
                     */
                    readonly onImmediate?: "fire" | "reject";
                    /** @description The least that the swap may pay once it has fired. */
                    readonly limitPrice?: string | number;
                    /** @description The slippage of each attempt; the last one holds for all that follow. */
                    readonly slippageLadderBps?: readonly number[];
                    /** @description What failed attempts may cost in network fees, in SOL. */
                    readonly feeBudget?: string | number;
                    readonly trigger: {
                        /** @description How far the price may fall from the best one since its activation. */
                        readonly trailingBps: number;
                        /** @description The price from which it follows; from the start when absent. */
                        readonly activationPrice?: string | number;
                        /** @description executable (the default: what the whole amount would get), a venue, or a pool address. */
                        readonly source?: string;
                        /** @description In how many slots the price must be seen. */
                        readonly observations?: number;
                        /** @description For how long it must be there. */
                        readonly dwellMs?: number;
                        /** @description An older price never fires. */
                        readonly maxAgeMs?: number;
                    };
                } | {
                    /** @enum {string} */
                    readonly type: "sniper";
                    /** @description Symbol or mint address of a known token. */
                    readonly tokenIn: string;
                    /** @description Symbol of a known token, or a mint, which may not be launched yet. */
                    readonly tokenOut?: string;
                    /** @description Amount of tokenIn in token units; a string keeps every digit. */
                    readonly amountIn: string | number;
                    /** @description Fraction: 0.01 is 1 %. At most 0.5. */
                    readonly slippage?: string | number;
                    /** @description 100 is 1 %. */
                    readonly slippageBps?: number;
                    /** @description Only pools of these venues. */
                    readonly venues?: readonly ("raydium" | "meteora")[];
                    /** @description How far the amount may move the price. */
                    readonly maxPriceImpactBps?: number;
                    /** @description false: all of it goes one way. */
                    readonly split?: boolean;
                    /** @description Your own id for the order, unique for ever: repeating it returns the same order. */
                    readonly clientOrderId?: string;
                    /** @description Instead of tokenOut: the address whose first launch that passes the guards is bought. */
                    readonly creator?: string;
                    /** @description Legs that sell what was bought, from its fill on; together no more than that. Their prices: how much of what was spent one unit of what was bought pays. */
                    readonly exits?: readonly ({
                        /** @enum {string} */
                        readonly type: "takeProfit";
                        /**
                         * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                         * @enum {unknown}
                         */
                        readonly priceOf?: "tokenIn" | "tokenOut";
                        /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                        readonly expiresAt?: string;
                        /** @description The least that the swap may pay once it has fired. */
                        readonly limitPrice?: string | number;
                        /** @description The slippage of each attempt; the last one holds for all that follow. */
                        readonly slippageLadderBps?: readonly number[];
                        /** @description What failed attempts may cost in network fees, in SOL. */
                        readonly feeBudget?: string | number;
                        /** @description 100 is 1 %. */
                        readonly slippageBps?: number;
                        /** @description The part that it sells; what the other legs leave when absent. */
                        readonly shareBps?: number;
                        readonly trigger: {
                            /** @description The price at which it fires. */
                            readonly price: string | number;
                            /** @description executable (the default: what the whole amount would get), a venue, or a pool address. */
                            readonly source?: string;
                            /** @description In how many slots the price must be seen. */
                            readonly observations?: number;
                            /** @description For how long it must be there. */
                            readonly dwellMs?: number;
                            /** @description An older price never fires. */
                            readonly maxAgeMs?: number;
                        };
                    } | {
                        /** @enum {string} */
                        readonly type: "stop";
                        /**
                         * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                         * @enum {unknown}
                         */
                        readonly priceOf?: "tokenIn" | "tokenOut";
                        /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                        readonly expiresAt?: string;
                        /** @description The least that the swap may pay once it has fired. */
                        readonly limitPrice?: string | number;
                        /** @description The slippage of each attempt; the last one holds for all that follow. */
                        readonly slippageLadderBps?: readonly number[];
                        /** @description What failed attempts may cost in network fees, in SOL. */
                        readonly feeBudget?: string | number;
                        /** @description 100 is 1 %. */
                        readonly slippageBps?: number;
                        /** @description The part that it sells; what the other legs leave when absent. */
                        readonly shareBps?: number;
                        readonly trigger: {
                            /** @description The price at which it fires. */
                            readonly price: string | number;
                            /** @description executable (the default: what the whole amount would get), a venue, or a pool address. */
                            readonly source?: string;
                            /** @description In how many slots the price must be seen. */
                            readonly observations?: number;
                            /** @description For how long it must be there. */
                            readonly dwellMs?: number;
                            /** @description An older price never fires. */
                            readonly maxAgeMs?: number;
                        };
                    } | {
                        /** @enum {string} */
                        readonly type: "trailingStop";
                        /**
                         * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                         * @enum {unknown}
                         */
                        readonly priceOf?: "tokenIn" | "tokenOut";
                        /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                        readonly expiresAt?: string;
                        /** @description The least that the swap may pay once it has fired. */
                        readonly limitPrice?: string | number;
                        /** @description The slippage of each attempt; the last one holds for all that follow. */
                        readonly slippageLadderBps?: readonly number[];
                        /** @description What failed attempts may cost in network fees, in SOL. */
                        readonly feeBudget?: string | number;
                        /** @description 100 is 1 %. */
                        readonly slippageBps?: number;
                        /** @description The part that it sells; what the other legs leave when absent. */
                        readonly shareBps?: number;
                        readonly trigger: {
                            /** @description How far the price may fall from the best one since its activation. */
                            readonly trailingBps: number;
                            /** @description The price from which it follows; from the start when absent. */
                            readonly activationPrice?: string | number;
                            /** @description executable (the default: what the whole amount would get), a venue, or a pool address. */
                            readonly source?: string;
                            /** @description In how many slots the price must be seen. */
                            readonly observations?: number;
                            /** @description For how long it must be there. */
                            readonly dwellMs?: number;
                            /** @description An older price never fires. */
                            readonly maxAgeMs?: number;
                        };
                    } | {
                        /** @enum {string} */
                        readonly type: "limit";
                        /**
                         * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                         * @enum {unknown}
                         */
                        readonly priceOf?: "tokenIn" | "tokenOut";
                        /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                        readonly expiresAt?: string;
                        /** @description The least that the whole amount must pay, fees and price impact included. */
                        readonly limitPrice: string | number;
                        readonly trigger?: {
                            /** @description In how many slots the price must be seen. */
                            readonly observations?: number;
                            /** @description For how long it must be there. */
                            readonly dwellMs?: number;
                            /** @description An older price never fires. */
                            readonly maxAgeMs?: number;
                        };
                        /** @description 100 is 1 %. */
                        readonly slippageBps?: number;
                        /** @description The part that it sells; what the other legs leave when absent. */
                        readonly shareBps?: number;
                    })[];
                    /** @description How long after its fill what the exits have left is sold at the market. */
                    readonly maxHoldMs?: number;
                    readonly guards?: {
                        /** @description SOL that each pool that is bought in must hold, when it was opened and now; any when absent. */
                        readonly minLiquidity?: string | number;
                        /** @description How much tokenIn one tokenOut may cost; any when absent. */
                        readonly maxPrice?: string | number;
                        /** @description What a transfer may cost; 0 when absent. */
                        readonly maxTransferFeeBps?: number;
                        /** @description Slots since the first pool was opened; 0 when absent. */
                        readonly minAgeSlots?: number;
                        /** @description Once its first pool is older, the order ends; 1500 when absent. */
                        readonly maxAgeSlots?: number;
                        /** @description In how many slots, one after the other, all guards must pass; 3 when absent. */
                        readonly passes?: number;
                        /** @description Only pools that these addresses opened. */
                        readonly allowCreators?: readonly string[];
                        /** @description No pools that these addresses opened. */
                        readonly denyCreators?: readonly string[];
                        /** @description The least share of what is spent that a trial sale must return; 8000 when absent. */
                        readonly minSaleBps?: number;
                        /** @description What the guards refuse unless it is named here. */
                        readonly allow?: readonly ("mint_authority" | "freeze_authority" | "permanent_delegate" | "transfer_hook" | "transfer_fee" | "unknown_extension" | "pool_age" | "sale")[];
                    };
                    /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                    readonly expiresAt?: string;
                } | {
                    /** @enum {string} */
                    readonly type: "oco";
                    /** @description Symbol or mint address of a known token. */
                    readonly tokenIn: string;
                    /** @description Symbol or mint address of a known token. */
                    readonly tokenOut: string;
                    /** @description Amount of tokenIn in token units; a string keeps every digit. */
                    readonly amountIn: string | number;
                    /** @description Fraction: 0.01 is 1 %. At most 0.5. */
                    readonly slippage?: string | number;
                    /** @description 100 is 1 %. */
                    readonly slippageBps?: number;
                    /** @description Only pools of these venues. */
                    readonly venues?: readonly ("raydium" | "meteora")[];
                    /** @description How far the amount may move the price. */
                    readonly maxPriceImpactBps?: number;
                    /** @description false: all of it goes one way. */
                    readonly split?: boolean;
                    /** @description Your own id for the order, unique for ever: repeating it returns the same order. */
                    readonly clientOrderId?: string;
                    /**
                     * @description What becomes of an order whose price is there already.
                     * @enum {unknown}
                     */
                    readonly onImmediate?: "fire" | "reject";
                    /** @description At most one of them trades the amount, or each its share of it. */
                    readonly legs: readonly ({
                        /** @enum {string} */
                        readonly type: "takeProfit";
                        /**
                         * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                         * @enum {unknown}
                         */
                        readonly priceOf?: "tokenIn" | "tokenOut";
                        /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                        readonly expiresAt?: string;
                        /** @description The least that the swap may pay once it has fired. */
                        readonly limitPrice?: string | number;
                        /** @description The slippage of each attempt; the last one holds for all that follow. */
                        readonly slippageLadderBps?: readonly number[];
                        /** @description What failed attempts may cost in network fees, in SOL. */
                        readonly feeBudget?: string | number;
                        /** @description 100 is 1 %. */
                        readonly slippageBps?: number;
                        /** @description The part that it sells; what the other legs leave when absent. */
                        readonly shareBps?: number;
                        readonly trigger: {
                            /** @description The price at which it fires. */
                            readonly price: string | number;
                            /** @description executable (the default: what the whole amount would get), a venue, or a pool address. */
                            readonly source?: string;
                            /** @description In how many slots the price must be seen. */
                            readonly observations?: number;
                            /** @description For how long it must be there. */
                            readonly dwellMs?: number;
                            /** @description An older price never fires. */
                            readonly maxAgeMs?: number;
                        };
                    } | {
                        /** @enum {string} */
                        readonly type: "stop";
                        /**
                         * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                         * @enum {unknown}
                         */
                        readonly priceOf?: "tokenIn" | "tokenOut";
                        /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                        readonly expiresAt?: string;
                        /** @description The least that the swap may pay once it has fired. */
                        readonly limitPrice?: string | number;
                        /** @description The slippage of each attempt; the last one holds for all that follow. */
                        readonly slippageLadderBps?: readonly number[];
                        /** @description What failed attempts may cost in network fees, in SOL. */
                        readonly feeBudget?: string | number;
                        /** @description 100 is 1 %. */
                        readonly slippageBps?: number;
                        /** @description The part that it sells; what the other legs leave when absent. */
                        readonly shareBps?: number;
                        readonly trigger: {
                            /** @description The price at which it fires. */
                            readonly price: string | number;
                            /** @description executable (the default: what the whole amount would get), a venue, or a pool address. */
                            readonly source?: string;
                            /** @description In how many slots the price must be seen. */
                            readonly observations?: number;
                            /** @description For how long it must be there. */
                            readonly dwellMs?: number;
                            /** @description An older price never fires. */
                            readonly maxAgeMs?: number;
                        };
                    } | {
                        /** @enum {string} */
                        readonly type: "trailingStop";
                        /**
                         * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                         * @enum {unknown}
                         */
                        readonly priceOf?: "tokenIn" | "tokenOut";
                        /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                        readonly expiresAt?: string;
                        /** @description The least that the swap may pay once it has fired. */
                        readonly limitPrice?: string | number;
                        /** @description The slippage of each attempt; the last one holds for all that follow. */
                        readonly slippageLadderBps?: readonly number[];
                        /** @description What failed attempts may cost in network fees, in SOL. */
                        readonly feeBudget?: string | number;
                        /** @description 100 is 1 %. */
                        readonly slippageBps?: number;
                        /** @description The part that it sells; what the other legs leave when absent. */
                        readonly shareBps?: number;
                        readonly trigger: {
                            /** @description How far the price may fall from the best one since its activation. */
                            readonly trailingBps: number;
                            /** @description The price from which it follows; from the start when absent. */
                            readonly activationPrice?: string | number;
                            /** @description executable (the default: what the whole amount would get), a venue, or a pool address. */
                            readonly source?: string;
                            /** @description In how many slots the price must be seen. */
                            readonly observations?: number;
                            /** @description For how long it must be there. */
                            readonly dwellMs?: number;
                            /** @description An older price never fires. */
                            readonly maxAgeMs?: number;
                        };
                    } | {
                        /** @enum {string} */
                        readonly type: "limit";
                        /**
                         * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                         * @enum {unknown}
                         */
                        readonly priceOf?: "tokenIn" | "tokenOut";
                        /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                        readonly expiresAt?: string;
                        /** @description The least that the whole amount must pay, fees and price impact included. */
                        readonly limitPrice: string | number;
                        readonly trigger?: {
                            /** @description In how many slots the price must be seen. */
                            readonly observations?: number;
                            /** @description For how long it must be there. */
                            readonly dwellMs?: number;
                            /** @description An older price never fires. */
                            readonly maxAgeMs?: number;
                        };
                        /** @description 100 is 1 %. */
                        readonly slippageBps?: number;
                        /** @description The part that it sells; what the other legs leave when absent. */
                        readonly shareBps?: number;
                    })[];
                } | {
                    /** @enum {string} */
                    readonly type: "twap";
                    /** @description Symbol or mint address of a known token. */
                    readonly tokenIn: string;
                    /** @description Symbol or mint address of a known token. */
                    readonly tokenOut: string;
                    /** @description Amount of tokenIn in token units; a string keeps every digit. */
                    readonly amountIn: string | number;
                    /** @description Fraction: 0.01 is 1 %. At most 0.5. */
                    readonly slippage?: string | number;
                    /** @description 100 is 1 %. */
                    readonly slippageBps?: number;
                    /** @description Only pools of these venues. */
                    readonly venues?: readonly ("raydium" | "meteora")[];
                    /** @description How far the amount may move the price. */
                    readonly maxPriceImpactBps?: number;
                    /** @description false: all of it goes one way. */
                    readonly split?: boolean;
                    /** @description Your own id for the order, unique for ever: repeating it returns the same order. */
                    readonly clientOrderId?: string;
                    readonly slices: number;
                    /** @description From the first slice to the end of the last one. */
                    readonly durationMs: number;
                    /** @description When it begins, as RFC 3339; at once when absent. */
                    readonly startAt?: string;
                    /** @description How much later a slice may come by chance, in bps of the time between two. */
                    readonly jitterBps?: number;
                    /**
                     * @description Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.
                     * @enum {unknown}
                     */
                    readonly priceOf?: "tokenIn" | "tokenOut";
                    /** @description No slice trades for less. */
                    readonly limitPrice?: string | number;
                    /** @description No slice is smaller, in units of tokenIn. */
                    readonly minSlice?: string | number;
                    /**
                     * @description What becomes of slices that did not trade: spread over those to come, none more than three times as large (the default), or skipped.
                     * @enum {unknown}
                     */
                    readonly catchUp?: "skip" | "spread";
                };
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** Format: uuid */
                        readonly orderId: string;
                        /** @description Open this socket to follow the order from its first event. */
                        readonly wsUrl: string;
                        readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                        readonly seq: number;
                        readonly clientOrderId?: string;
                        readonly summary: string;
                        /** Format: date-time */
                        readonly createdAt: string;
                    };
                };
            };
        };
    };
    readonly amendOrder: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The seq that you have seen: the order is changed only if it is still there. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description In the token that the order prices. */
                    readonly limitPrice?: string | number;
                    readonly trigger?: {
                        /** @description The price at which it fires. */
                        readonly price?: string | number;
                        readonly trailingBps?: number;
                        /** @description The price from which it follows. */
                        readonly activationPrice?: string | number;
                    };
                    /** @description A smaller amount of tokenIn. */
                    readonly amountIn?: string | number;
                    /** @description 100 is 1 %. */
                    readonly slippageBps?: number;
                    /** @description When the order ends by itself, as RFC 3339. 30 days from now when absent. */
                    readonly expiresAt?: string;
                    readonly guards?: {
                        /** @description null lifts it. */
                        readonly minLiquidity?: (string | number) | null;
                        /** @description null lifts it. */
                        readonly maxPrice?: (string | number) | null;
                        /** @description What a transfer may cost; 0 when absent. */
                        readonly maxTransferFeeBps?: number;
                        /** @description Slots since the first pool was opened; 0 when absent. */
                        readonly minAgeSlots?: number;
                        /** @description Once its first pool is older, the order ends; 1500 when absent. */
                        readonly maxAgeSlots?: number;
                        /** @description In how many slots, one after the other, all guards must pass; 3 when absent. */
                        readonly passes?: number;
                        /** @description null lifts it. */
                        readonly allowCreators?: readonly string[] | null;
                        /** @description null lifts it. */
                        readonly denyCreators?: readonly string[] | null;
                        /** @description The least share of what is spent that a trial sale must return; 8000 when absent. */
                        readonly minSaleBps?: number;
                        /** @description What the guards refuse unless it is named here. */
                        readonly allow?: readonly ("mint_authority" | "freeze_authority" | "permanent_delegate" | "transfer_hook" | "transfer_fee" | "unknown_extension" | "pool_age" | "sale")[];
                    };
                    /** @enum {unknown} */
                    readonly state?: "paused" | "active";
                };
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** Format: uuid */
                        readonly orderId: string;
                        readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                        readonly seq: number;
                        readonly attempt: number;
                        readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                        readonly tokenIn: string;
                        readonly tokenInMint: string;
                        readonly tokenInDecimals: number | null;
                        readonly tokenOut: string;
                        readonly tokenOutMint: string;
                        readonly tokenOutDecimals: number | null;
                        /** @description A decimal in token units. */
                        readonly amountIn: string;
                        /** @description The same in base units. */
                        readonly amountInBase: string;
                        readonly slippageBps: number;
                        /** @description What the order does, in one sentence. */
                        readonly summary: string;
                        readonly owner?: string;
                        readonly clientOrderId?: string;
                        readonly venues?: readonly string[];
                        readonly maxPriceImpactBps?: number;
                        readonly split?: boolean;
                        readonly priceOf?: string;
                        readonly limitPrice?: string | null;
                        /** @description What fires it. */
                        readonly trigger?: {
                            readonly source: string;
                            readonly observations: number;
                            readonly dwellMs: number;
                            readonly maxAgeMs: number;
                            readonly price?: string;
                            readonly trailingBps?: number;
                            readonly activationPrice?: string;
                        } & {
                            readonly [key: string]: unknown;
                        };
                        readonly timeInForce?: string;
                        readonly expiresAt?: string | null;
                        readonly slippageLadderBps?: readonly number[];
                        /** @description What failed attempts may cost in network fees, in SOL. */
                        readonly feeBudget?: string;
                        readonly maxHoldMs?: number;
                        /** Format: date-time */
                        readonly fireAt?: string;
                        readonly legs?: readonly ({
                            readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                            readonly slippageBps: number;
                            readonly priceOf?: string;
                            readonly limitPrice?: string | null;
                            /** @description What fires it. */
                            readonly trigger?: {
                                readonly source: string;
                                readonly observations: number;
                                readonly dwellMs: number;
                                readonly maxAgeMs: number;
                                readonly price?: string;
                                readonly trailingBps?: number;
                                readonly activationPrice?: string;
                            } & {
                                readonly [key: string]: unknown;
                            };
                            readonly timeInForce?: string;
                            readonly expiresAt?: string | null;
                            readonly slippageLadderBps?: readonly number[];
                            /** @description What failed attempts may cost in network fees, in SOL. */
                            readonly feeBudget?: string;
                            readonly maxHoldMs?: number;
                            /** Format: date-time */
                            readonly fireAt?: string;
                            readonly shareBps?: number;
                        } & {
                            readonly [key: string]: unknown;
                        })[];
                        readonly exits?: readonly ({
                            readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                            readonly slippageBps: number;
                            readonly priceOf?: string;
                            readonly limitPrice?: string | null;
                            /** @description What fires it. */
                            readonly trigger?: {
                                readonly source: string;
                                readonly observations: number;
                                readonly dwellMs: number;
                                readonly maxAgeMs: number;
                                readonly price?: string;
                                readonly trailingBps?: number;
                                readonly activationPrice?: string;
                            } & {
                                readonly [key: string]: unknown;
                            };
                            readonly timeInForce?: string;
                            readonly expiresAt?: string | null;
                            readonly slippageLadderBps?: readonly number[];
                            /** @description What failed attempts may cost in network fees, in SOL. */
                            readonly feeBudget?: string;
                            readonly maxHoldMs?: number;
                            /** Format: date-time */
                            readonly fireAt?: string;
                            readonly shareBps?: number;
                        } & {
                            readonly [key: string]: unknown;
                        })[];
                        /** @description Of a sniper: what its guards are. */
                        readonly guards?: {
                            readonly maxTransferFeeBps: number;
                            readonly minAgeSlots: number;
                            readonly maxAgeSlots: number;
                            readonly minSaleBps: number;
                            readonly passes: number;
                            /** @description In SOL. */
                            readonly minLiquidity?: string;
                            readonly maxPrice?: string;
                            readonly allowCreators?: readonly string[];
                            readonly denyCreators?: readonly string[];
                            readonly allow?: readonly string[];
                        } & {
                            readonly [key: string]: unknown;
                        };
                        /** @description Of a sniper: the address whose launch it buys. Until it fires, this stands for tokenOut too. */
                        readonly creator?: string;
                        /** Format: uuid */
                        readonly parentId?: string;
                        /** Format: uuid */
                        readonly groupId?: string;
                        /** @description Whether it waits for a price or a time. */
                        readonly resting: boolean;
                        /** Format: date-time */
                        readonly createdAt: string;
                        /** Format: date-time */
                        readonly updatedAt: string;
                        /** @description Of a plan: what its children have sold. */
                        readonly filledIn?: string;
                        readonly remainingIn?: string;
                        readonly averagePrice?: string | null;
                        /**
                         * @description It rests, and the wallet does not hold what it sells beside earlier resting orders.
                         * @enum {boolean}
                         */
                        readonly unfunded?: true;
                        /** @enum {boolean} */
                        readonly paused?: true;
                        /** @description What its trigger remembers. */
                        readonly memory?: {
                            readonly [key: string]: unknown;
                        };
                        /** Format: date-time */
                        readonly retryAt?: string;
                        readonly signature?: string;
                        /** @description The signature under a second name. */
                        readonly txHash?: string;
                        readonly lastValidBlockHeight?: number;
                        readonly amountOut?: string;
                        readonly amountOutBase?: string;
                        readonly slot?: number;
                        /** @description Match on the code: docs/lifecycle.md has the table. */
                        readonly failure?: {
                            readonly code: string;
                            readonly message: string;
                            readonly detail: string;
                        } & {
                            readonly [key: string]: unknown;
                        };
                        /** @description Whether anything signed may have been sent. */
                        readonly reachedChain?: boolean;
                        /** @description Why it has ended. */
                        readonly endReason?: string;
                        /** @description Why an order that waits for a price has not fired. */
                        readonly waiting?: {
                            readonly for: string | null;
                            readonly now: string | null;
                            readonly distanceBps: number | null;
                            /** Format: date-time */
                            readonly evaluatedAt: string;
                            readonly slot: number | null;
                            readonly blocker: ("price" | "time" | "confirming" | "stale_source" | "no_price" | "unknown_source" | "paused" | "halted" | "backoff" | "group_claimed" | "not_started" | "entries_halted" | "cooldown" | "daily_loss_exceeded" | "daily_fees_exceeded" | "unfunded" | "not_launched" | "guard") | string;
                        } & {
                            readonly [key: string]: unknown;
                        };
                        /** @description While submitted: how often the swap was sent again, where its worker answers itself. */
                        readonly rebroadcasts?: number;
                        /** @description While submitted, of one order: blocks in which its swap may still land. */
                        readonly blocksLeft?: number;
                        /** @description Of one order: its legs or slices, the oldest first. */
                        readonly children?: readonly ({
                            /** Format: uuid */
                            readonly orderId: string;
                            readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                            readonly seq: number;
                            readonly attempt: number;
                            readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                            readonly tokenIn: string;
                            readonly tokenInMint: string;
                            readonly tokenInDecimals: number | null;
                            readonly tokenOut: string;
                            readonly tokenOutMint: string;
                            readonly tokenOutDecimals: number | null;
                            /** @description A decimal in token units. */
                            readonly amountIn: string;
                            /** @description The same in base units. */
                            readonly amountInBase: string;
                            readonly slippageBps: number;
                            /** @description What the order does, in one sentence. */
                            readonly summary: string;
                            readonly owner?: string;
                            readonly clientOrderId?: string;
                            readonly venues?: readonly string[];
                            readonly maxPriceImpactBps?: number;
                            readonly split?: boolean;
                            readonly priceOf?: string;
                            readonly limitPrice?: string | null;
                            /** @description What fires it. */
                            readonly trigger?: {
                                readonly source: string;
                                readonly observations: number;
                                readonly dwellMs: number;
                                readonly maxAgeMs: number;
                                readonly price?: string;
                                readonly trailingBps?: number;
                                readonly activationPrice?: string;
                            } & {
                                readonly [key: string]: unknown;
                            };
                            readonly timeInForce?: string;
                            readonly expiresAt?: string | null;
                            readonly slippageLadderBps?: readonly number[];
                            /** @description What failed attempts may cost in network fees, in SOL. */
                            readonly feeBudget?: string;
                            readonly maxHoldMs?: number;
                            /** Format: date-time */
                            readonly fireAt?: string;
                            readonly legs?: readonly ({
                                readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                readonly slippageBps: number;
                                readonly priceOf?: string;
                                readonly limitPrice?: string | null;
                                /** @description What fires it. */
                                readonly trigger?: {
                                    readonly source: string;
                                    readonly observations: number;
                                    readonly dwellMs: number;
                                    readonly maxAgeMs: number;
                                    readonly price?: string;
                                    readonly trailingBps?: number;
                                    readonly activationPrice?: string;
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                readonly timeInForce?: string;
                                readonly expiresAt?: string | null;
                                readonly slippageLadderBps?: readonly number[];
                                /** @description What failed attempts may cost in network fees, in SOL. */
                                readonly feeBudget?: string;
                                readonly maxHoldMs?: number;
                                /** Format: date-time */
                                readonly fireAt?: string;
                                readonly shareBps?: number;
                            } & {
                                readonly [key: string]: unknown;
                            })[];
                            readonly exits?: readonly ({
                                readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                readonly slippageBps: number;
                                readonly priceOf?: string;
                                readonly limitPrice?: string | null;
                                /** @description What fires it. */
                                readonly trigger?: {
                                    readonly source: string;
                                    readonly observations: number;
                                    readonly dwellMs: number;
                                    readonly maxAgeMs: number;
                                    readonly price?: string;
                                    readonly trailingBps?: number;
                                    readonly activationPrice?: string;
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                readonly timeInForce?: string;
                                readonly expiresAt?: string | null;
                                readonly slippageLadderBps?: readonly number[];
                                /** @description What failed attempts may cost in network fees, in SOL. */
                                readonly feeBudget?: string;
                                readonly maxHoldMs?: number;
                                /** Format: date-time */
                                readonly fireAt?: string;
                                readonly shareBps?: number;
                            } & {
                                readonly [key: string]: unknown;
                            })[];
                            /** @description Of a sniper: what its guards are. */
                            readonly guards?: {
                                readonly maxTransferFeeBps: number;
                                readonly minAgeSlots: number;
                                readonly maxAgeSlots: number;
                                readonly minSaleBps: number;
                                readonly passes: number;
                                /** @description In SOL. */
                                readonly minLiquidity?: string;
                                readonly maxPrice?: string;
                                readonly allowCreators?: readonly string[];
                                readonly denyCreators?: readonly string[];
                                readonly allow?: readonly string[];
                            } & {
                                readonly [key: string]: unknown;
                            };
                            /** @description Of a sniper: the address whose launch it buys. Until it fires, this stands for tokenOut too. */
                            readonly creator?: string;
                            /** Format: uuid */
                            readonly parentId?: string;
                            /** Format: uuid */
                            readonly groupId?: string;
                            /** @description Whether it waits for a price or a time. */
                            readonly resting: boolean;
                            /** Format: date-time */
                            readonly createdAt: string;
                            /** Format: date-time */
                            readonly updatedAt: string;
                            /** @description Of a plan: what its children have sold. */
                            readonly filledIn?: string;
                            readonly remainingIn?: string;
                            readonly averagePrice?: string | null;
                            /**
                             * @description It rests, and the wallet does not hold what it sells beside earlier resting orders.
                             * @enum {boolean}
                             */
                            readonly unfunded?: true;
                            /** @enum {boolean} */
                            readonly paused?: true;
                            /** @description What its trigger remembers. */
                            readonly memory?: {
                                readonly [key: string]: unknown;
                            };
                            /** Format: date-time */
                            readonly retryAt?: string;
                            readonly signature?: string;
                            /** @description The signature under a second name. */
                            readonly txHash?: string;
                            readonly lastValidBlockHeight?: number;
                            readonly amountOut?: string;
                            readonly amountOutBase?: string;
                            readonly slot?: number;
                            /** @description Match on the code: docs/lifecycle.md has the table. */
                            readonly failure?: {
                                readonly code: string;
                                readonly message: string;
                                readonly detail: string;
                            } & {
                                readonly [key: string]: unknown;
                            };
                            /** @description Whether anything signed may have been sent. */
                            readonly reachedChain?: boolean;
                            /** @description Why it has ended. */
                            readonly endReason?: string;
                            /** @description Why an order that waits for a price has not fired. */
                            readonly waiting?: {
                                readonly for: string | null;
                                readonly now: string | null;
                                readonly distanceBps: number | null;
                                /** Format: date-time */
                                readonly evaluatedAt: string;
                                readonly slot: number | null;
                                readonly blocker: ("price" | "time" | "confirming" | "stale_source" | "no_price" | "unknown_source" | "paused" | "halted" | "backoff" | "group_claimed" | "not_started" | "entries_halted" | "cooldown" | "daily_loss_exceeded" | "daily_fees_exceeded" | "unfunded" | "not_launched" | "guard") | string;
                            } & {
                                readonly [key: string]: unknown;
                            };
                            /** @description While submitted: how often the swap was sent again, where its worker answers itself. */
                            readonly rebroadcasts?: number;
                            /** @description While submitted, of one order: blocks in which its swap may still land. */
                            readonly blocksLeft?: number;
                        } & {
                            readonly [key: string]: unknown;
                        })[];
                        readonly events?: readonly (({
                            /** Format: uuid */
                            readonly orderId: string;
                            /** @description From 1, without gaps. */
                            readonly seq: number;
                            /** @enum {string} */
                            readonly kind: "accepted";
                            readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                            readonly attempt: number;
                            /** Format: date-time */
                            readonly at: string;
                            readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                            readonly tokenIn: string;
                            readonly tokenInMint: string;
                            readonly tokenInDecimals: number | null;
                            readonly tokenOut: string;
                            readonly tokenOutMint: string;
                            readonly tokenOutDecimals: number | null;
                            /** @description A decimal in token units. */
                            readonly amountIn: string;
                            /** @description The same in base units. */
                            readonly amountInBase: string;
                            readonly slippageBps: number;
                            /** @description What the order does, in one sentence. */
                            readonly summary: string;
                            readonly owner?: string;
                            readonly clientOrderId?: string;
                            readonly venues?: readonly string[];
                            readonly maxPriceImpactBps?: number;
                            readonly split?: boolean;
                            readonly priceOf?: string;
                            readonly limitPrice?: string | null;
                            /** @description What fires it. */
                            readonly trigger?: {
                                readonly source: string;
                                readonly observations: number;
                                readonly dwellMs: number;
                                readonly maxAgeMs: number;
                                readonly price?: string;
                                readonly trailingBps?: number;
                                readonly activationPrice?: string;
                            } & {
                                readonly [key: string]: unknown;
                            };
                            readonly timeInForce?: string;
                            readonly expiresAt?: string | null;
                            readonly slippageLadderBps?: readonly number[];
                            /** @description What failed attempts may cost in network fees, in SOL. */
                            readonly feeBudget?: string;
                            readonly maxHoldMs?: number;
                            /** Format: date-time */
                            readonly fireAt?: string;
                            readonly legs?: readonly ({
                                readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                readonly slippageBps: number;
                                readonly priceOf?: string;
                                readonly limitPrice?: string | null;
                                /** @description What fires it. */
                                readonly trigger?: {
                                    readonly source: string;
                                    readonly observations: number;
                                    readonly dwellMs: number;
                                    readonly maxAgeMs: number;
                                    readonly price?: string;
                                    readonly trailingBps?: number;
                                    readonly activationPrice?: string;
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                readonly timeInForce?: string;
                                readonly expiresAt?: string | null;
                                readonly slippageLadderBps?: readonly number[];
                                /** @description What failed attempts may cost in network fees, in SOL. */
                                readonly feeBudget?: string;
                                readonly maxHoldMs?: number;
                                /** Format: date-time */
                                readonly fireAt?: string;
                                readonly shareBps?: number;
                            } & {
                                readonly [key: string]: unknown;
                            })[];
                            readonly exits?: readonly ({
                                readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                readonly slippageBps: number;
                                readonly priceOf?: string;
                                readonly limitPrice?: string | null;
                                /** @description What fires it. */
                                readonly trigger?: {
                                    readonly source: string;
                                    readonly observations: number;
                                    readonly dwellMs: number;
                                    readonly maxAgeMs: number;
                                    readonly price?: string;
                                    readonly trailingBps?: number;
                                    readonly activationPrice?: string;
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                readonly timeInForce?: string;
                                readonly expiresAt?: string | null;
                                readonly slippageLadderBps?: readonly number[];
                                /** @description What failed attempts may cost in network fees, in SOL. */
                                readonly feeBudget?: string;
                                readonly maxHoldMs?: number;
                                /** Format: date-time */
                                readonly fireAt?: string;
                                readonly shareBps?: number;
                            } & {
                                readonly [key: string]: unknown;
                            })[];
                            /** @description Of a sniper: what its guards are. */
                            readonly guards?: {
                                readonly maxTransferFeeBps: number;
                                readonly minAgeSlots: number;
                                readonly maxAgeSlots: number;
                                readonly minSaleBps: number;
                                readonly passes: number;
                                /** @description In SOL. */
                                readonly minLiquidity?: string;
                                readonly maxPrice?: string;
                                readonly allowCreators?: readonly string[];
                                readonly denyCreators?: readonly string[];
                                readonly allow?: readonly string[];
                            } & {
                                readonly [key: string]: unknown;
                            };
                            /** @description Of a sniper: the address whose launch it buys. Until it fires, this stands for tokenOut too. */
                            readonly creator?: string;
                            /** Format: uuid */
                            readonly parentId?: string;
                            /** Format: uuid */
                            readonly groupId?: string;
                        } & {
                            readonly [key: string]: unknown;
                        }) | ({
                            /** Format: uuid */
                            readonly orderId: string;
                            /** @description From 1, without gaps. */
                            readonly seq: number;
                            /** @enum {string} */
                            readonly kind: "activated";
                            readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                            readonly attempt: number;
                            /** Format: date-time */
                            readonly at: string;
                            readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                            readonly tokenIn: string;
                            readonly tokenInMint: string;
                            readonly tokenInDecimals: number | null;
                            readonly tokenOut: string;
                            readonly tokenOutMint: string;
                            readonly tokenOutDecimals: number | null;
                            /** @description A decimal in token units. */
                            readonly amountIn: string;
                            /** @description The same in base units. */
                            readonly amountInBase: string;
                            readonly slippageBps: number;
                            /** @description What the order does, in one sentence. */
                            readonly summary: string;
                            readonly owner?: string;
                            readonly clientOrderId?: string;
                            readonly venues?: readonly string[];
                            readonly maxPriceImpactBps?: number;
                            readonly split?: boolean;
                            readonly priceOf?: string;
                            readonly limitPrice?: string | null;
                            /** @description What fires it. */
                            readonly trigger?: {
                                readonly source: string;
                                readonly observations: number;
                                readonly dwellMs: number;
                                readonly maxAgeMs: number;
                                readonly price?: string;
                                readonly trailingBps?: number;
                                readonly activationPrice?: string;
                            } & {
                                readonly [key: string]: unknown;
                            };
                            readonly timeInForce?: string;
                            readonly expiresAt?: string | null;
                            readonly slippageLadderBps?: readonly number[];
                            /** @description What failed attempts may cost in network fees, in SOL. */
                            readonly feeBudget?: string;
                            readonly maxHoldMs?: number;
                            /** Format: date-time */
                            readonly fireAt?: string;
                            readonly legs?: readonly ({
                                readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                readonly slippageBps: number;
                                readonly priceOf?: string;
                                readonly limitPrice?: string | null;
                                /** @description What fires it. */
                                readonly trigger?: {
                                    readonly source: string;
                                    readonly observations: number;
                                    readonly dwellMs: number;
                                    readonly maxAgeMs: number;
                                    readonly price?: string;
                                    readonly trailingBps?: number;
                                    readonly activationPrice?: string;
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                readonly timeInForce?: string;
                                readonly expiresAt?: string | null;
                                readonly slippageLadderBps?: readonly number[];
                                /** @description What failed attempts may cost in network fees, in SOL. */
                                readonly feeBudget?: string;
                                readonly maxHoldMs?: number;
                                /** Format: date-time */
                                readonly fireAt?: string;
                                readonly shareBps?: number;
                            } & {
                                readonly [key: string]: unknown;
                            })[];
                            readonly exits?: readonly ({
                                readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                readonly slippageBps: number;
                                readonly priceOf?: string;
                                readonly limitPrice?: string | null;
                                /** @description What fires it. */
                                readonly trigger?: {
                                    readonly source: string;
                                    readonly observations: number;
                                    readonly dwellMs: number;
                                    readonly maxAgeMs: number;
                                    readonly price?: string;
                                    readonly trailingBps?: number;
                                    readonly activationPrice?: string;
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                readonly timeInForce?: string;
                                readonly expiresAt?: string | null;
                                readonly slippageLadderBps?: readonly number[];
                                /** @description What failed attempts may cost in network fees, in SOL. */
                                readonly feeBudget?: string;
                                readonly maxHoldMs?: number;
                                /** Format: date-time */
                                readonly fireAt?: string;
                                readonly shareBps?: number;
                            } & {
                                readonly [key: string]: unknown;
                            })[];
                            /** @description Of a sniper: what its guards are. */
                            readonly guards?: {
                                readonly maxTransferFeeBps: number;
                                readonly minAgeSlots: number;
                                readonly maxAgeSlots: number;
                                readonly minSaleBps: number;
                                readonly passes: number;
                                /** @description In SOL. */
                                readonly minLiquidity?: string;
                                readonly maxPrice?: string;
                                readonly allowCreators?: readonly string[];
                                readonly denyCreators?: readonly string[];
                                readonly allow?: readonly string[];
                            } & {
                                readonly [key: string]: unknown;
                            };
                            /** @description Of a sniper: the address whose launch it buys. Until it fires, this stands for tokenOut too. */
                            readonly creator?: string;
                            /** Format: uuid */
                            readonly parentId?: string;
                            /** Format: uuid */
                            readonly groupId?: string;
                        } & {
                            readonly [key: string]: unknown;
                        }) | ({
                            /** Format: uuid */
                            readonly orderId: string;
                            /** @description From 1, without gaps. */
                            readonly seq: number;
                            /** @enum {string} */
                            readonly kind: "triggered";
                            readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                            readonly attempt: number;
                            /** Format: date-time */
                            readonly at: string;
                            readonly observations?: readonly ({
                                readonly source: string;
                                readonly slot: number;
                                /** Format: date-time */
                                readonly at: string;
                                readonly price: string;
                                /** @description A decimal in token units. */
                                readonly amountOut: string;
                                /** @description The same in base units. */
                                readonly amountOutBase: string;
                            } & {
                                readonly [key: string]: unknown;
                            })[];
                            /** @description A decimal in token units. */
                            readonly amountIn?: string;
                            /** @description The same in base units. */
                            readonly amountInBase?: string;
                            /** @description The token that a sniper by creator has chosen. */
                            readonly tokenOut?: string;
                            readonly tokenOutMint?: string;
                            readonly tokenOutDecimals?: number;
                        } & {
                            readonly [key: string]: unknown;
                        }) | ({
                            /** Format: uuid */
                            readonly orderId: string;
                            /** @description From 1, without gaps. */
                            readonly seq: number;
                            /** @enum {string} */
                            readonly kind: "routed";
                            readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                            readonly attempt: number;
                            /** Format: date-time */
                            readonly at: string;
                            readonly quotes: readonly ({
                                readonly venue: string;
                                readonly latencyMs: number;
                                readonly pool?: string;
                                readonly program?: string;
                                /** @description A decimal in token units. */
                                readonly amountOut?: string;
                                /** @description The same in base units. */
                                readonly amountOutBase?: string;
                                /** @description A decimal in token units. */
                                readonly fee?: string;
                                /** @description The same in base units. */
                                readonly feeBase?: string;
                                readonly feeToken?: string;
                                readonly priceImpactBps?: number;
                                readonly slot?: number;
                                readonly error?: string;
                                readonly detail?: string;
                            } & {
                                readonly [key: string]: unknown;
                            })[];
                            /** @description The legs that the order trades through, in one transaction. */
                            readonly route: {
                                readonly legs: readonly ({
                                    readonly venue: string;
                                    readonly pool: string;
                                    /** @description A decimal in token units. */
                                    readonly amountIn: string;
                                    /** @description The same in base units. */
                                    readonly amountInBase: string;
                                    /** @description A decimal in token units. */
                                    readonly amountOut: string;
                                    /** @description The same in base units. */
                                    readonly amountOutBase: string;
                                } & {
                                    readonly [key: string]: unknown;
                                })[];
                                /** @description A decimal in token units. */
                                readonly amountOut: string;
                                /** @description The same in base units. */
                                readonly amountOutBase: string;
                                readonly reason?: string;
                                readonly comparison?: {
                                    readonly [key: string]: unknown;
                                };
                            } & {
                                readonly [key: string]: unknown;
                            };
                            /** @description A decimal in token units. */
                            readonly minAmountOut: string;
                            /** @description The same in base units. */
                            readonly minAmountOutBase: string;
                        } & {
                            readonly [key: string]: unknown;
                        }) | ({
                            /** Format: uuid */
                            readonly orderId: string;
                            /** @description From 1, without gaps. */
                            readonly seq: number;
                            /** @enum {string} */
                            readonly kind: "submitted";
                            readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                            readonly attempt: number;
                            /** Format: date-time */
                            readonly at: string;
                            readonly signature: string;
                            readonly txHash: string;
                            readonly lastValidBlockHeight: number;
                            readonly steps: readonly string[];
                            /** @description The legs that the order trades through, in one transaction. */
                            readonly route: {
                                readonly legs: readonly ({
                                    readonly venue: string;
                                    readonly pool: string;
                                    /** @description A decimal in token units. */
                                    readonly amountIn: string;
                                    /** @description The same in base units. */
                                    readonly amountInBase: string;
                                    /** @description A decimal in token units. */
                                    readonly amountOut: string;
                                    /** @description The same in base units. */
                                    readonly amountOutBase: string;
                                } & {
                                    readonly [key: string]: unknown;
                                })[];
                                /** @description A decimal in token units. */
                                readonly amountOut: string;
                                /** @description The same in base units. */
                                readonly amountOutBase: string;
                                readonly reason?: string;
                                readonly comparison?: {
                                    readonly [key: string]: unknown;
                                };
                            } & {
                                readonly [key: string]: unknown;
                            };
                            /** @description A decimal in token units. */
                            readonly minAmountOut: string;
                            /** @description The same in base units. */
                            readonly minAmountOutBase: string;
                        } & {
                            readonly [key: string]: unknown;
                        }) | ({
                            /** Format: uuid */
                            readonly orderId: string;
                            /** @description From 1, without gaps. */
                            readonly seq: number;
                            /** @enum {string} */
                            readonly kind: "filled";
                            readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                            readonly attempt: number;
                            /** Format: date-time */
                            readonly at: string;
                            readonly signature: string;
                            readonly txHash: string;
                            /** @description A decimal in token units. */
                            readonly amountIn: string;
                            /** @description The same in base units. */
                            readonly amountInBase: string;
                            /** @description A decimal in token units. */
                            readonly amountOut: string;
                            /** @description The same in base units. */
                            readonly amountOutBase: string;
                            readonly executedPrice: string;
                            readonly slippageToQuoteBps: number;
                            readonly networkFeeLamports: string;
                            readonly poolFees: readonly ({
                                readonly pool: string;
                                /** @description A decimal in token units. */
                                readonly amount: string;
                                /** @description The same in base units. */
                                readonly amountBase: string;
                            } & {
                                readonly [key: string]: unknown;
                            })[];
                            readonly slot: number;
                            readonly stepMs: {
                                readonly [key: string]: number;
                            };
                        } & {
                            readonly [key: string]: unknown;
                        }) | ({
                            /** Format: uuid */
                            readonly orderId: string;
                            /** @description From 1, without gaps. */
                            readonly seq: number;
                            /** @enum {string} */
                            readonly kind: "completed";
                            readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                            readonly attempt: number;
                            /** Format: date-time */
                            readonly at: string;
                            /** @description A decimal in token units. */
                            readonly filledIn: string;
                            /** @description The same in base units. */
                            readonly filledInBase: string;
                            /** @description A decimal in token units. */
                            readonly filledOut: string;
                            /** @description The same in base units. */
                            readonly filledOutBase: string;
                            /** @description A decimal in token units. */
                            readonly remainingIn: string;
                            readonly averagePrice: string | null;
                        } & {
                            readonly [key: string]: unknown;
                        }) | ({
                            /** Format: uuid */
                            readonly orderId: string;
                            /** @description From 1, without gaps. */
                            readonly seq: number;
                            /** @enum {string} */
                            readonly kind: "retried";
                            readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                            readonly attempt: number;
                            /** Format: date-time */
                            readonly at: string;
                            /** @description Match on the code: docs/lifecycle.md has the table. */
                            readonly failure: {
                                readonly code: string;
                                readonly message: string;
                                readonly detail: string;
                            } & {
                                readonly [key: string]: unknown;
                            };
                            /** Format: date-time */
                            readonly retryAt: string;
                            /** @enum {boolean} */
                            readonly stalled?: true;
                        } & {
                            readonly [key: string]: unknown;
                        }) | ({
                            /** Format: uuid */
                            readonly orderId: string;
                            /** @description From 1, without gaps. */
                            readonly seq: number;
                            /** @enum {string} */
                            readonly kind: "rested";
                            readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                            readonly attempt: number;
                            /** Format: date-time */
                            readonly at: string;
                            readonly wakeAt: string | null;
                            readonly memory: {
                                readonly [key: string]: unknown;
                            };
                            /** @description Match on the code: docs/lifecycle.md has the table. */
                            readonly failure?: {
                                readonly code: string;
                                readonly message: string;
                                readonly detail: string;
                            } & {
                                readonly [key: string]: unknown;
                            };
                            /** @description Why an order that waits for a price has not fired. */
                            readonly waiting?: {
                                readonly for: string | null;
                                readonly now: string | null;
                                readonly distanceBps: number | null;
                                /** Format: date-time */
                                readonly evaluatedAt: string;
                                readonly slot: number | null;
                                readonly blocker: ("price" | "time" | "confirming" | "stale_source" | "no_price" | "unknown_source" | "paused" | "halted" | "backoff" | "group_claimed" | "not_started" | "entries_halted" | "cooldown" | "daily_loss_exceeded" | "daily_fees_exceeded" | "unfunded" | "not_launched" | "guard") | string;
                            } & {
                                readonly [key: string]: unknown;
                            };
                            /** @description What the guards of a sniper find now; absent while its token is not launched. */
                            readonly guardReport?: {
                                readonly slot: number;
                                readonly refusals: readonly {
                                    readonly guard: ("mint_authority" | "freeze_authority" | "permanent_delegate" | "transfer_hook" | "transfer_fee" | "unknown_extension" | "pool_age" | "sale" | "liquidity" | "price" | "creator" | "positions") | string;
                                    readonly detail: string;
                                }[];
                            } & {
                                readonly [key: string]: unknown;
                            };
                        } & {
                            readonly [key: string]: unknown;
                        }) | ({
                            /** Format: uuid */
                            readonly orderId: string;
                            /** @description From 1, without gaps. */
                            readonly seq: number;
                            /** @enum {string} */
                            readonly kind: "paused";
                            readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                            readonly attempt: number;
                            /** Format: date-time */
                            readonly at: string;
                            readonly by: string;
                            readonly memory: {
                                readonly [key: string]: unknown;
                            };
                        } & {
                            readonly [key: string]: unknown;
                        }) | ({
                            /** Format: uuid */
                            readonly orderId: string;
                            /** @description From 1, without gaps. */
                            readonly seq: number;
                            /** @enum {string} */
                            readonly kind: "resumed";
                            readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                            readonly attempt: number;
                            /** Format: date-time */
                            readonly at: string;
                            readonly by: string;
                        } & {
                            readonly [key: string]: unknown;
                        }) | ({
                            /** Format: uuid */
                            readonly orderId: string;
                            /** @description From 1, without gaps. */
                            readonly seq: number;
                            /** @enum {string} */
                            readonly kind: "amended";
                            readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                            readonly attempt: number;
                            /** Format: date-time */
                            readonly at: string;
                            readonly by: string;
                            readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                            readonly tokenIn: string;
                            readonly tokenInMint: string;
                            readonly tokenInDecimals: number | null;
                            readonly tokenOut: string;
                            readonly tokenOutMint: string;
                            readonly tokenOutDecimals: number | null;
                            /** @description A decimal in token units. */
                            readonly amountIn: string;
                            /** @description The same in base units. */
                            readonly amountInBase: string;
                            readonly slippageBps: number;
                            /** @description What the order does, in one sentence. */
                            readonly summary: string;
                            readonly owner?: string;
                            readonly clientOrderId?: string;
                            readonly venues?: readonly string[];
                            readonly maxPriceImpactBps?: number;
                            readonly split?: boolean;
                            readonly priceOf?: string;
                            readonly limitPrice?: string | null;
                            /** @description What fires it. */
                            readonly trigger?: {
                                readonly source: string;
                                readonly observations: number;
                                readonly dwellMs: number;
                                readonly maxAgeMs: number;
                                readonly price?: string;
                                readonly trailingBps?: number;
                                readonly activationPrice?: string;
                            } & {
                                readonly [key: string]: unknown;
                            };
                            readonly timeInForce?: string;
                            readonly expiresAt?: string | null;
                            readonly slippageLadderBps?: readonly number[];
                            /** @description What failed attempts may cost in network fees, in SOL. */
                            readonly feeBudget?: string;
                            readonly maxHoldMs?: number;
                            /** Format: date-time */
                            readonly fireAt?: string;
                            readonly legs?: readonly ({
                                readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                readonly slippageBps: number;
                                readonly priceOf?: string;
                                readonly limitPrice?: string | null;
                                /** @description What fires it. */
                                readonly trigger?: {
                                    readonly source: string;
                                    readonly observations: number;
                                    readonly dwellMs: number;
                                    readonly maxAgeMs: number;
                                    readonly price?: string;
                                    readonly trailingBps?: number;
                                    readonly activationPrice?: string;
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                readonly timeInForce?: string;
                                readonly expiresAt?: string | null;
                                readonly slippageLadderBps?: readonly number[];
                                /** @description What failed attempts may cost in network fees, in SOL. */
                                readonly feeBudget?: string;
                                readonly maxHoldMs?: number;
                                /** Format: date-time */
                                readonly fireAt?: string;
                                readonly shareBps?: number;
                            } & {
                                readonly [key: string]: unknown;
                            })[];
                            readonly exits?: readonly ({
                                readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                readonly slippageBps: number;
                                readonly priceOf?: string;
                                readonly limitPrice?: string | null;
                                /** @description What fires it. */
                                readonly trigger?: {
                                    readonly source: string;
                                    readonly observations: number;
                                    readonly dwellMs: number;
                                    readonly maxAgeMs: number;
                                    readonly price?: string;
                                    readonly trailingBps?: number;
                                    readonly activationPrice?: string;
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                readonly timeInForce?: string;
                                readonly expiresAt?: string | null;
                                readonly slippageLadderBps?: readonly number[];
                                /** @description What failed attempts may cost in network fees, in SOL. */
                                readonly feeBudget?: string;
                                readonly maxHoldMs?: number;
                                /** Format: date-time */
                                readonly fireAt?: string;
                                readonly shareBps?: number;
                            } & {
                                readonly [key: string]: unknown;
                            })[];
                            /** @description Of a sniper: what its guards are. */
                            readonly guards?: {
                                readonly maxTransferFeeBps: number;
                                readonly minAgeSlots: number;
                                readonly maxAgeSlots: number;
                                readonly minSaleBps: number;
                                readonly passes: number;
                                /** @description In SOL. */
                                readonly minLiquidity?: string;
                                readonly maxPrice?: string;
                                readonly allowCreators?: readonly string[];
                                readonly denyCreators?: readonly string[];
                                readonly allow?: readonly string[];
                            } & {
                                readonly [key: string]: unknown;
                            };
                            /** @description Of a sniper: the address whose launch it buys. Until it fires, this stands for tokenOut too. */
                            readonly creator?: string;
                            /** Format: uuid */
                            readonly parentId?: string;
                            /** Format: uuid */
                            readonly groupId?: string;
                            readonly memory: {
                                readonly [key: string]: unknown;
                            };
                        } & {
                            readonly [key: string]: unknown;
                        }) | ({
                            /** Format: uuid */
                            readonly orderId: string;
                            /** @description From 1, without gaps. */
                            readonly seq: number;
                            /** @enum {string} */
                            readonly kind: "failed";
                            readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                            readonly attempt: number;
                            /** Format: date-time */
                            readonly at: string;
                            /** @description Match on the code: docs/lifecycle.md has the table. */
                            readonly failure: {
                                readonly code: string;
                                readonly message: string;
                                readonly detail: string;
                            } & {
                                readonly [key: string]: unknown;
                            };
                            readonly attempts: number;
                            readonly reachedChain: boolean;
                        } & {
                            readonly [key: string]: unknown;
                        }) | ({
                            /** Format: uuid */
                            readonly orderId: string;
                            /** @description From 1, without gaps. */
                            readonly seq: number;
                            /** @enum {string} */
                            readonly kind: "canceled";
                            readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                            readonly attempt: number;
                            /** Format: date-time */
                            readonly at: string;
                            readonly by: string;
                        } & {
                            readonly [key: string]: unknown;
                        }) | ({
                            /** Format: uuid */
                            readonly orderId: string;
                            /** @description From 1, without gaps. */
                            readonly seq: number;
                            /** @enum {string} */
                            readonly kind: "expired";
                            readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                            readonly attempt: number;
                            /** Format: date-time */
                            readonly at: string;
                            /** @description A decimal in token units. */
                            readonly filledIn?: string;
                            /** @description The same in base units. */
                            readonly filledInBase?: string;
                            /** @description A decimal in token units. */
                            readonly filledOut?: string;
                            /** @description The same in base units. */
                            readonly filledOutBase?: string;
                            /** @description A decimal in token units. */
                            readonly remainingIn?: string;
                            readonly averagePrice?: string | null;
                        } & {
                            readonly [key: string]: unknown;
                        }) | ({
                            /** Format: uuid */
                            readonly orderId: string;
                            readonly seq: number;
                            readonly kind: string;
                            readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                            readonly attempt: number;
                            /** Format: date-time */
                            readonly at: string;
                        } & {
                            readonly [key: string]: unknown;
                        }))[];
                    } & {
                        readonly [key: string]: unknown;
                    };
                };
            };
        };
    };
    readonly listOrders: {
        readonly parameters: {
            readonly query?: {
                /** @example pending */
                readonly status?: "pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired";
                /** @description Symbol or mint address of a known token. */
                readonly token?: string;
                /** @description Your own id for the order, unique for ever: repeating it returns the same order. */
                readonly clientOrderId?: string;
                readonly type?: "market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap";
                /** @description Only orders that wait for a price or a time, or only others. */
                readonly resting?: "true" | "false";
                /** @description Only the legs or slices of this order. */
                readonly parentId?: string;
                /** @description Only the legs of this group: the id of its parent. */
                readonly groupId?: string;
                readonly cursor?: string;
                /**
                 * @description 1 to 1000; 50 when absent.
                 * @example 20
                 */
                readonly limit?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly orders: readonly ({
                            /** Format: uuid */
                            readonly orderId: string;
                            readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                            readonly seq: number;
                            readonly attempt: number;
                            readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                            readonly tokenIn: string;
                            readonly tokenInMint: string;
                            readonly tokenInDecimals: number | null;
                            readonly tokenOut: string;
                            readonly tokenOutMint: string;
                            readonly tokenOutDecimals: number | null;
                            /** @description A decimal in token units. */
                            readonly amountIn: string;
                            /** @description The same in base units. */
                            readonly amountInBase: string;
                            readonly slippageBps: number;
                            /** @description What the order does, in one sentence. */
                            readonly summary: string;
                            readonly owner?: string;
                            readonly clientOrderId?: string;
                            readonly venues?: readonly string[];
                            readonly maxPriceImpactBps?: number;
                            readonly split?: boolean;
                            readonly priceOf?: string;
                            readonly limitPrice?: string | null;
                            /** @description What fires it. */
                            readonly trigger?: {
                                readonly source: string;
                                readonly observations: number;
                                readonly dwellMs: number;
                                readonly maxAgeMs: number;
                                readonly price?: string;
                                readonly trailingBps?: number;
                                readonly activationPrice?: string;
                            } & {
                                readonly [key: string]: unknown;
                            };
                            readonly timeInForce?: string;
                            readonly expiresAt?: string | null;
                            readonly slippageLadderBps?: readonly number[];
                            /** @description What failed attempts may cost in network fees, in SOL. */
                            readonly feeBudget?: string;
                            readonly maxHoldMs?: number;
                            /** Format: date-time */
                            readonly fireAt?: string;
                            readonly legs?: readonly ({
                                readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                readonly slippageBps: number;
                                readonly priceOf?: string;
                                readonly limitPrice?: string | null;
                                /** @description What fires it. */
                                readonly trigger?: {
                                    readonly source: string;
                                    readonly observations: number;
                                    readonly dwellMs: number;
                                    readonly maxAgeMs: number;
                                    readonly price?: string;
                                    readonly trailingBps?: number;
                                    readonly activationPrice?: string;
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                readonly timeInForce?: string;
                                readonly expiresAt?: string | null;
                                readonly slippageLadderBps?: readonly number[];
                                /** @description What failed attempts may cost in network fees, in SOL. */
                                readonly feeBudget?: string;
                                readonly maxHoldMs?: number;
                                /** Format: date-time */
                                readonly fireAt?: string;
                                readonly shareBps?: number;
                            } & {
                                readonly [key: string]: unknown;
                            })[];
                            readonly exits?: readonly ({
                                readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                readonly slippageBps: number;
                                readonly priceOf?: string;
                                readonly limitPrice?: string | null;
                                /** @description What fires it. */
                                readonly trigger?: {
                                    readonly source: string;
                                    readonly observations: number;
                                    readonly dwellMs: number;
                                    readonly maxAgeMs: number;
                                    readonly price?: string;
                                    readonly trailingBps?: number;
                                    readonly activationPrice?: string;
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                readonly timeInForce?: string;
                                readonly expiresAt?: string | null;
                                readonly slippageLadderBps?: readonly number[];
                                /** @description What failed attempts may cost in network fees, in SOL. */
                                readonly feeBudget?: string;
                                readonly maxHoldMs?: number;
                                /** Format: date-time */
                                readonly fireAt?: string;
                                readonly shareBps?: number;
                            } & {
                                readonly [key: string]: unknown;
                            })[];
                            /** @description Of a sniper: what its guards are. */
                            readonly guards?: {
                                readonly maxTransferFeeBps: number;
                                readonly minAgeSlots: number;
                                readonly maxAgeSlots: number;
                                readonly minSaleBps: number;
                                readonly passes: number;
                                /** @description In SOL. */
                                readonly minLiquidity?: string;
                                readonly maxPrice?: string;
                                readonly allowCreators?: readonly string[];
                                readonly denyCreators?: readonly string[];
                                readonly allow?: readonly string[];
                            } & {
                                readonly [key: string]: unknown;
                            };
                            /** @description Of a sniper: the address whose launch it buys. Until it fires, this stands for tokenOut too. */
                            readonly creator?: string;
                            /** Format: uuid */
                            readonly parentId?: string;
                            /** Format: uuid */
                            readonly groupId?: string;
                            /** @description Whether it waits for a price or a time. */
                            readonly resting: boolean;
                            /** Format: date-time */
                            readonly createdAt: string;
                            /** Format: date-time */
                            readonly updatedAt: string;
                            /** @description Of a plan: what its children have sold. */
                            readonly filledIn?: string;
                            readonly remainingIn?: string;
                            readonly averagePrice?: string | null;
                            /**
                             * @description It rests, and the wallet does not hold what it sells beside earlier resting orders.
                             * @enum {boolean}
                             */
                            readonly unfunded?: true;
                            /** @enum {boolean} */
                            readonly paused?: true;
                            /** @description What its trigger remembers. */
                            readonly memory?: {
                                readonly [key: string]: unknown;
                            };
                            /** Format: date-time */
                            readonly retryAt?: string;
                            readonly signature?: string;
                            /** @description The signature under a second name. */
                            readonly txHash?: string;
                            readonly lastValidBlockHeight?: number;
                            readonly amountOut?: string;
                            readonly amountOutBase?: string;
                            readonly slot?: number;
                            /** @description Match on the code: docs/lifecycle.md has the table. */
                            readonly failure?: {
                                readonly code: string;
                                readonly message: string;
                                readonly detail: string;
                            } & {
                                readonly [key: string]: unknown;
                            };
                            /** @description Whether anything signed may have been sent. */
                            readonly reachedChain?: boolean;
                            /** @description Why it has ended. */
                            readonly endReason?: string;
                            /** @description Why an order that waits for a price has not fired. */
                            readonly waiting?: {
                                readonly for: string | null;
                                readonly now: string | null;
                                readonly distanceBps: number | null;
                                /** Format: date-time */
                                readonly evaluatedAt: string;
                                readonly slot: number | null;
                                readonly blocker: ("price" | "time" | "confirming" | "stale_source" | "no_price" | "unknown_source" | "paused" | "halted" | "backoff" | "group_claimed" | "not_started" | "entries_halted" | "cooldown" | "daily_loss_exceeded" | "daily_fees_exceeded" | "unfunded" | "not_launched" | "guard") | string;
                            } & {
                                readonly [key: string]: unknown;
                            };
                            /** @description While submitted: how often the swap was sent again, where its worker answers itself. */
                            readonly rebroadcasts?: number;
                            /** @description While submitted, of one order: blocks in which its swap may still land. */
                            readonly blocksLeft?: number;
                            /** @description Of one order: its legs or slices, the oldest first. */
                            readonly children?: readonly ({
                                /** Format: uuid */
                                readonly orderId: string;
                                readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                                readonly seq: number;
                                readonly attempt: number;
                                readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                readonly tokenIn: string;
                                readonly tokenInMint: string;
                                readonly tokenInDecimals: number | null;
                                readonly tokenOut: string;
                                readonly tokenOutMint: string;
                                readonly tokenOutDecimals: number | null;
                                /** @description A decimal in token units. */
                                readonly amountIn: string;
                                /** @description The same in base units. */
                                readonly amountInBase: string;
                                readonly slippageBps: number;
                                /** @description What the order does, in one sentence. */
                                readonly summary: string;
                                readonly owner?: string;
                                readonly clientOrderId?: string;
                                readonly venues?: readonly string[];
                                readonly maxPriceImpactBps?: number;
                                readonly split?: boolean;
                                readonly priceOf?: string;
                                readonly limitPrice?: string | null;
                                /** @description What fires it. */
                                readonly trigger?: {
                                    readonly source: string;
                                    readonly observations: number;
                                    readonly dwellMs: number;
                                    readonly maxAgeMs: number;
                                    readonly price?: string;
                                    readonly trailingBps?: number;
                                    readonly activationPrice?: string;
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                readonly timeInForce?: string;
                                readonly expiresAt?: string | null;
                                readonly slippageLadderBps?: readonly number[];
                                /** @description What failed attempts may cost in network fees, in SOL. */
                                readonly feeBudget?: string;
                                readonly maxHoldMs?: number;
                                /** Format: date-time */
                                readonly fireAt?: string;
                                readonly legs?: readonly ({
                                    readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                    readonly slippageBps: number;
                                    readonly priceOf?: string;
                                    readonly limitPrice?: string | null;
                                    /** @description What fires it. */
                                    readonly trigger?: {
                                        readonly source: string;
                                        readonly observations: number;
                                        readonly dwellMs: number;
                                        readonly maxAgeMs: number;
                                        readonly price?: string;
                                        readonly trailingBps?: number;
                                        readonly activationPrice?: string;
                                    } & {
                                        readonly [key: string]: unknown;
                                    };
                                    readonly timeInForce?: string;
                                    readonly expiresAt?: string | null;
                                    readonly slippageLadderBps?: readonly number[];
                                    /** @description What failed attempts may cost in network fees, in SOL. */
                                    readonly feeBudget?: string;
                                    readonly maxHoldMs?: number;
                                    /** Format: date-time */
                                    readonly fireAt?: string;
                                    readonly shareBps?: number;
                                } & {
                                    readonly [key: string]: unknown;
                                })[];
                                readonly exits?: readonly ({
                                    readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                    readonly slippageBps: number;
                                    readonly priceOf?: string;
                                    readonly limitPrice?: string | null;
                                    /** @description What fires it. */
                                    readonly trigger?: {
                                        readonly source: string;
                                        readonly observations: number;
                                        readonly dwellMs: number;
                                        readonly maxAgeMs: number;
                                        readonly price?: string;
                                        readonly trailingBps?: number;
                                        readonly activationPrice?: string;
                                    } & {
                                        readonly [key: string]: unknown;
                                    };
                                    readonly timeInForce?: string;
                                    readonly expiresAt?: string | null;
                                    readonly slippageLadderBps?: readonly number[];
                                    /** @description What failed attempts may cost in network fees, in SOL. */
                                    readonly feeBudget?: string;
                                    readonly maxHoldMs?: number;
                                    /** Format: date-time */
                                    readonly fireAt?: string;
                                    readonly shareBps?: number;
                                } & {
                                    readonly [key: string]: unknown;
                                })[];
                                /** @description Of a sniper: what its guards are. */
                                readonly guards?: {
                                    readonly maxTransferFeeBps: number;
                                    readonly minAgeSlots: number;
                                    readonly maxAgeSlots: number;
                                    readonly minSaleBps: number;
                                    readonly passes: number;
                                    /** @description In SOL. */
                                    readonly minLiquidity?: string;
                                    readonly maxPrice?: string;
                                    readonly allowCreators?: readonly string[];
                                    readonly denyCreators?: readonly string[];
                                    readonly allow?: readonly string[];
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                /** @description Of a sniper: the address whose launch it buys. Until it fires, this stands for tokenOut too. */
                                readonly creator?: string;
                                /** Format: uuid */
                                readonly parentId?: string;
                                /** Format: uuid */
                                readonly groupId?: string;
                                /** @description Whether it waits for a price or a time. */
                                readonly resting: boolean;
                                /** Format: date-time */
                                readonly createdAt: string;
                                /** Format: date-time */
                                readonly updatedAt: string;
                                /** @description Of a plan: what its children have sold. */
                                readonly filledIn?: string;
                                readonly remainingIn?: string;
                                readonly averagePrice?: string | null;
                                /**
                                 * @description It rests, and the wallet does not hold what it sells beside earlier resting orders.
                                 * @enum {boolean}
                                 */
                                readonly unfunded?: true;
                                /** @enum {boolean} */
                                readonly paused?: true;
                                /** @description What its trigger remembers. */
                                readonly memory?: {
                                    readonly [key: string]: unknown;
                                };
                                /** Format: date-time */
                                readonly retryAt?: string;
                                readonly signature?: string;
                                /** @description The signature under a second name. */
                                readonly txHash?: string;
                                readonly lastValidBlockHeight?: number;
                                readonly amountOut?: string;
                                readonly amountOutBase?: string;
                                readonly slot?: number;
                                /** @description Match on the code: docs/lifecycle.md has the table. */
                                readonly failure?: {
                                    readonly code: string;
                                    readonly message: string;
                                    readonly detail: string;
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                /** @description Whether anything signed may have been sent. */
                                readonly reachedChain?: boolean;
                                /** @description Why it has ended. */
                                readonly endReason?: string;
                                /** @description Why an order that waits for a price has not fired. */
                                readonly waiting?: {
                                    readonly for: string | null;
                                    readonly now: string | null;
                                    readonly distanceBps: number | null;
                                    /** Format: date-time */
                                    readonly evaluatedAt: string;
                                    readonly slot: number | null;
                                    readonly blocker: ("price" | "time" | "confirming" | "stale_source" | "no_price" | "unknown_source" | "paused" | "halted" | "backoff" | "group_claimed" | "not_started" | "entries_halted" | "cooldown" | "daily_loss_exceeded" | "daily_fees_exceeded" | "unfunded" | "not_launched" | "guard") | string;
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                /** @description While submitted: how often the swap was sent again, where its worker answers itself. */
                                readonly rebroadcasts?: number;
                                /** @description While submitted, of one order: blocks in which its swap may still land. */
                                readonly blocksLeft?: number;
                            } & {
                                readonly [key: string]: unknown;
                            })[];
                            readonly events?: readonly (({
                                /** Format: uuid */
                                readonly orderId: string;
                                /** @description From 1, without gaps. */
                                readonly seq: number;
                                /** @enum {string} */
                                readonly kind: "accepted";
                                readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                                readonly attempt: number;
                                /** Format: date-time */
                                readonly at: string;
                                readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                readonly tokenIn: string;
                                readonly tokenInMint: string;
                                readonly tokenInDecimals: number | null;
                                readonly tokenOut: string;
                                readonly tokenOutMint: string;
                                readonly tokenOutDecimals: number | null;
                                /** @description A decimal in token units. */
                                readonly amountIn: string;
                                /** @description The same in base units. */
                                readonly amountInBase: string;
                                readonly slippageBps: number;
                                /** @description What the order does, in one sentence. */
                                readonly summary: string;
                                readonly owner?: string;
                                readonly clientOrderId?: string;
                                readonly venues?: readonly string[];
                                readonly maxPriceImpactBps?: number;
                                readonly split?: boolean;
                                readonly priceOf?: string;
                                readonly limitPrice?: string | null;
                                /** @description What fires it. */
                                readonly trigger?: {
                                    readonly source: string;
                                    readonly observations: number;
                                    readonly dwellMs: number;
                                    readonly maxAgeMs: number;
                                    readonly price?: string;
                                    readonly trailingBps?: number;
                                    readonly activationPrice?: string;
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                readonly timeInForce?: string;
                                readonly expiresAt?: string | null;
                                readonly slippageLadderBps?: readonly number[];
                                /** @description What failed attempts may cost in network fees, in SOL. */
                                readonly feeBudget?: string;
                                readonly maxHoldMs?: number;
                                /** Format: date-time */
                                readonly fireAt?: string;
                                readonly legs?: readonly ({
                                    readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                    readonly slippageBps: number;
                                    readonly priceOf?: string;
                                    readonly limitPrice?: string | null;
                                    /** @description What fires it. */
                                    readonly trigger?: {
                                        readonly source: string;
                                        readonly observations: number;
                                        readonly dwellMs: number;
                                        readonly maxAgeMs: number;
                                        readonly price?: string;
                                        readonly trailingBps?: number;
                                        readonly activationPrice?: string;
                                    } & {
                                        readonly [key: string]: unknown;
                                    };
                                    readonly timeInForce?: string;
                                    readonly expiresAt?: string | null;
                                    readonly slippageLadderBps?: readonly number[];
                                    /** @description What failed attempts may cost in network fees, in SOL. */
                                    readonly feeBudget?: string;
                                    readonly maxHoldMs?: number;
                                    /** Format: date-time */
                                    readonly fireAt?: string;
                                    readonly shareBps?: number;
                                } & {
                                    readonly [key: string]: unknown;
                                })[];
                                readonly exits?: readonly ({
                                    readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                    readonly slippageBps: number;
                                    readonly priceOf?: string;
                                    readonly limitPrice?: string | null;
                                    /** @description What fires it. */
                                    readonly trigger?: {
                                        readonly source: string;
                                        readonly observations: number;
                                        readonly dwellMs: number;
                                        readonly maxAgeMs: number;
                                        readonly price?: string;
                                        readonly trailingBps?: number;
                                        readonly activationPrice?: string;
                                    } & {
                                        readonly [key: string]: unknown;
                                    };
                                    readonly timeInForce?: string;
                                    readonly expiresAt?: string | null;
                                    readonly slippageLadderBps?: readonly number[];
                                    /** @description What failed attempts may cost in network fees, in SOL. */
                                    readonly feeBudget?: string;
                                    readonly maxHoldMs?: number;
                                    /** Format: date-time */
                                    readonly fireAt?: string;
                                    readonly shareBps?: number;
                                } & {
                                    readonly [key: string]: unknown;
                                })[];
                                /** @description Of a sniper: what its guards are. */
                                readonly guards?: {
                                    readonly maxTransferFeeBps: number;
                                    readonly minAgeSlots: number;
                                    readonly maxAgeSlots: number;
                                    readonly minSaleBps: number;
                                    readonly passes: number;
                                    /** @description In SOL. */
                                    readonly minLiquidity?: string;
                                    readonly maxPrice?: string;
                                    readonly allowCreators?: readonly string[];
                                    readonly denyCreators?: readonly string[];
                                    readonly allow?: readonly string[];
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                /** @description Of a sniper: the address whose launch it buys. Until it fires, this stands for tokenOut too. */
                                readonly creator?: string;
                                /** Format: uuid */
                                readonly parentId?: string;
                                /** Format: uuid */
                                readonly groupId?: string;
                            } & {
                                readonly [key: string]: unknown;
                            }) | ({
                                /** Format: uuid */
                                readonly orderId: string;
                                /** @description From 1, without gaps. */
                                readonly seq: number;
                                /** @enum {string} */
                                readonly kind: "activated";
                                readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                                readonly attempt: number;
                                /** Format: date-time */
                                readonly at: string;
                                readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                readonly tokenIn: string;
                                readonly tokenInMint: string;
                                readonly tokenInDecimals: number | null;
                                readonly tokenOut: string;
                                readonly tokenOutMint: string;
                                readonly tokenOutDecimals: number | null;
                                /** @description A decimal in token units. */
                                readonly amountIn: string;
                                /** @description The same in base units. */
                                readonly amountInBase: string;
                                readonly slippageBps: number;
                                /** @description What the order does, in one sentence. */
                                readonly summary: string;
                                readonly owner?: string;
                                readonly clientOrderId?: string;
                                readonly venues?: readonly string[];
                                readonly maxPriceImpactBps?: number;
                                readonly split?: boolean;
                                readonly priceOf?: string;
                                readonly limitPrice?: string | null;
                                /** @description What fires it. */
                                readonly trigger?: {
                                    readonly source: string;
                                    readonly observations: number;
                                    readonly dwellMs: number;
                                    readonly maxAgeMs: number;
                                    readonly price?: string;
                                    readonly trailingBps?: number;
                                    readonly activationPrice?: string;
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                readonly timeInForce?: string;
                                readonly expiresAt?: string | null;
                                readonly slippageLadderBps?: readonly number[];
                                /** @description What failed attempts may cost in network fees, in SOL. */
                                readonly feeBudget?: string;
                                readonly maxHoldMs?: number;
                                /** Format: date-time */
                                readonly fireAt?: string;
                                readonly legs?: readonly ({
                                    readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                    readonly slippageBps: number;
                                    readonly priceOf?: string;
                                    readonly limitPrice?: string | null;
                                    /** @description What fires it. */
                                    readonly trigger?: {
                                        readonly source: string;
                                        readonly observations: number;
                                        readonly dwellMs: number;
                                        readonly maxAgeMs: number;
                                        readonly price?: string;
                                        readonly trailingBps?: number;
                                        readonly activationPrice?: string;
                                    } & {
                                        readonly [key: string]: unknown;
                                    };
                                    readonly timeInForce?: string;
                                    readonly expiresAt?: string | null;
                                    readonly slippageLadderBps?: readonly number[];
                                    /** @description What failed attempts may cost in network fees, in SOL. */
                                    readonly feeBudget?: string;
                                    readonly maxHoldMs?: number;
                                    /** Format: date-time */
                                    readonly fireAt?: string;
                                    readonly shareBps?: number;
                                } & {
                                    readonly [key: string]: unknown;
                                })[];
                                readonly exits?: readonly ({
                                    readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                    readonly slippageBps: number;
                                    readonly priceOf?: string;
                                    readonly limitPrice?: string | null;
                                    /** @description What fires it. */
                                    readonly trigger?: {
                                        readonly source: string;
                                        readonly observations: number;
                                        readonly dwellMs: number;
                                        readonly maxAgeMs: number;
                                        readonly price?: string;
                                        readonly trailingBps?: number;
                                        readonly activationPrice?: string;
                                    } & {
                                        readonly [key: string]: unknown;
                                    };
                                    readonly timeInForce?: string;
                                    readonly expiresAt?: string | null;
                                    readonly slippageLadderBps?: readonly number[];
                                    /** @description What failed attempts may cost in network fees, in SOL. */
                                    readonly feeBudget?: string;
                                    readonly maxHoldMs?: number;
                                    /** Format: date-time */
                                    readonly fireAt?: string;
                                    readonly shareBps?: number;
                                } & {
                                    readonly [key: string]: unknown;
                                })[];
                                /** @description Of a sniper: what its guards are. */
                                readonly guards?: {
                                    readonly maxTransferFeeBps: number;
                                    readonly minAgeSlots: number;
                                    readonly maxAgeSlots: number;
                                    readonly minSaleBps: number;
                                    readonly passes: number;
                                    /** @description In SOL. */
                                    readonly minLiquidity?: string;
                                    readonly maxPrice?: string;
                                    readonly allowCreators?: readonly string[];
                                    readonly denyCreators?: readonly string[];
                                    readonly allow?: readonly string[];
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                /** @description Of a sniper: the address whose launch it buys. Until it fires, this stands for tokenOut too. */
                                readonly creator?: string;
                                /** Format: uuid */
                                readonly parentId?: string;
                                /** Format: uuid */
                                readonly groupId?: string;
                            } & {
                                readonly [key: string]: unknown;
                            }) | ({
                                /** Format: uuid */
                                readonly orderId: string;
                                /** @description From 1, without gaps. */
                                readonly seq: number;
                                /** @enum {string} */
                                readonly kind: "triggered";
                                readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                                readonly attempt: number;
                                /** Format: date-time */
                                readonly at: string;
                                readonly observations?: readonly ({
                                    readonly source: string;
                                    readonly slot: number;
                                    /** Format: date-time */
                                    readonly at: string;
                                    readonly price: string;
                                    /** @description A decimal in token units. */
                                    readonly amountOut: string;
                                    /** @description The same in base units. */
                                    readonly amountOutBase: string;
                                } & {
                                    readonly [key: string]: unknown;
                                })[];
                                /** @description A decimal in token units. */
                                readonly amountIn?: string;
                                /** @description The same in base units. */
                                readonly amountInBase?: string;
                                /** @description The token that a sniper by creator has chosen. */
                                readonly tokenOut?: string;
                                readonly tokenOutMint?: string;
                                readonly tokenOutDecimals?: number;
                            } & {
                                readonly [key: string]: unknown;
                            }) | ({
                                /** Format: uuid */
                                readonly orderId: string;
                                /** @description From 1, without gaps. */
                                readonly seq: number;
                                /** @enum {string} */
                                readonly kind: "routed";
                                readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                                readonly attempt: number;
                                /** Format: date-time */
                                readonly at: string;
                                readonly quotes: readonly ({
                                    readonly venue: string;
                                    readonly latencyMs: number;
                                    readonly pool?: string;
                                    readonly program?: string;
                                    /** @description A decimal in token units. */
                                    readonly amountOut?: string;
                                    /** @description The same in base units. */
                                    readonly amountOutBase?: string;
                                    /** @description A decimal in token units. */
                                    readonly fee?: string;
                                    /** @description The same in base units. */
                                    readonly feeBase?: string;
                                    readonly feeToken?: string;
                                    readonly priceImpactBps?: number;
                                    readonly slot?: number;
                                    readonly error?: string;
                                    readonly detail?: string;
                                } & {
                                    readonly [key: string]: unknown;
                                })[];
                                /** @description The legs that the order trades through, in one transaction. */
                                readonly route: {
                                    readonly legs: readonly ({
                                        readonly venue: string;
                                        readonly pool: string;
                                        /** @description A decimal in token units. */
                                        readonly amountIn: string;
                                        /** @description The same in base units. */
                                        readonly amountInBase: string;
                                        /** @description A decimal in token units. */
                                        readonly amountOut: string;
                                        /** @description The same in base units. */
                                        readonly amountOutBase: string;
                                    } & {
                                        readonly [key: string]: unknown;
                                    })[];
                                    /** @description A decimal in token units. */
                                    readonly amountOut: string;
                                    /** @description The same in base units. */
                                    readonly amountOutBase: string;
                                    readonly reason?: string;
                                    readonly comparison?: {
                                        readonly [key: string]: unknown;
                                    };
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                /** @description A decimal in token units. */
                                readonly minAmountOut: string;
                                /** @description The same in base units. */
                                readonly minAmountOutBase: string;
                            } & {
                                readonly [key: string]: unknown;
                            }) | ({
                                /** Format: uuid */
                                readonly orderId: string;
                                /** @description From 1, without gaps. */
                                readonly seq: number;
                                /** @enum {string} */
                                readonly kind: "submitted";
                                readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                                readonly attempt: number;
                                /** Format: date-time */
                                readonly at: string;
                                readonly signature: string;
                                readonly txHash: string;
                                readonly lastValidBlockHeight: number;
                                readonly steps: readonly string[];
                                /** @description The legs that the order trades through, in one transaction. */
                                readonly route: {
                                    readonly legs: readonly ({
                                        readonly venue: string;
                                        readonly pool: string;
                                        /** @description A decimal in token units. */
                                        readonly amountIn: string;
                                        /** @description The same in base units. */
                                        readonly amountInBase: string;
                                        /** @description A decimal in token units. */
                                        readonly amountOut: string;
                                        /** @description The same in base units. */
                                        readonly amountOutBase: string;
                                    } & {
                                        readonly [key: string]: unknown;
                                    })[];
                                    /** @description A decimal in token units. */
                                    readonly amountOut: string;
                                    /** @description The same in base units. */
                                    readonly amountOutBase: string;
                                    readonly reason?: string;
                                    readonly comparison?: {
                                        readonly [key: string]: unknown;
                                    };
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                /** @description A decimal in token units. */
                                readonly minAmountOut: string;
                                /** @description The same in base units. */
                                readonly minAmountOutBase: string;
                            } & {
                                readonly [key: string]: unknown;
                            }) | ({
                                /** Format: uuid */
                                readonly orderId: string;
                                /** @description From 1, without gaps. */
                                readonly seq: number;
                                /** @enum {string} */
                                readonly kind: "filled";
                                readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                                readonly attempt: number;
                                /** Format: date-time */
                                readonly at: string;
                                readonly signature: string;
                                readonly txHash: string;
                                /** @description A decimal in token units. */
                                readonly amountIn: string;
                                /** @description The same in base units. */
                                readonly amountInBase: string;
                                /** @description A decimal in token units. */
                                readonly amountOut: string;
                                /** @description The same in base units. */
                                readonly amountOutBase: string;
                                readonly executedPrice: string;
                                readonly slippageToQuoteBps: number;
                                readonly networkFeeLamports: string;
                                readonly poolFees: readonly ({
                                    readonly pool: string;
                                    /** @description A decimal in token units. */
                                    readonly amount: string;
                                    /** @description The same in base units. */
                                    readonly amountBase: string;
                                } & {
                                    readonly [key: string]: unknown;
                                })[];
                                readonly slot: number;
                                readonly stepMs: {
                                    readonly [key: string]: number;
                                };
                            } & {
                                readonly [key: string]: unknown;
                            }) | ({
                                /** Format: uuid */
                                readonly orderId: string;
                                /** @description From 1, without gaps. */
                                readonly seq: number;
                                /** @enum {string} */
                                readonly kind: "completed";
                                readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                                readonly attempt: number;
                                /** Format: date-time */
                                readonly at: string;
                                /** @description A decimal in token units. */
                                readonly filledIn: string;
                                /** @description The same in base units. */
                                readonly filledInBase: string;
                                /** @description A decimal in token units. */
                                readonly filledOut: string;
                                /** @description The same in base units. */
                                readonly filledOutBase: string;
                                /** @description A decimal in token units. */
                                readonly remainingIn: string;
                                readonly averagePrice: string | null;
                            } & {
                                readonly [key: string]: unknown;
                            }) | ({
                                /** Format: uuid */
                                readonly orderId: string;
                                /** @description From 1, without gaps. */
                                readonly seq: number;
                                /** @enum {string} */
                                readonly kind: "retried";
                                readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                                readonly attempt: number;
                                /** Format: date-time */
                                readonly at: string;
                                /** @description Match on the code: docs/lifecycle.md has the table. */
                                readonly failure: {
                                    readonly code: string;
                                    readonly message: string;
                                    readonly detail: string;
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                /** Format: date-time */
                                readonly retryAt: string;
                                /** @enum {boolean} */
                                readonly stalled?: true;
                            } & {
                                readonly [key: string]: unknown;
                            }) | ({
                                /** Format: uuid */
                                readonly orderId: string;
                                /** @description From 1, without gaps. */
                                readonly seq: number;
                                /** @enum {string} */
                                readonly kind: "rested";
                                readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                                readonly attempt: number;
                                /** Format: date-time */
                                readonly at: string;
                                readonly wakeAt: string | null;
                                readonly memory: {
                                    readonly [key: string]: unknown;
                                };
                                /** @description Match on the code: docs/lifecycle.md has the table. */
                                readonly failure?: {
                                    readonly code: string;
                                    readonly message: string;
                                    readonly detail: string;
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                /** @description Why an order that waits for a price has not fired. */
                                readonly waiting?: {
                                    readonly for: string | null;
                                    readonly now: string | null;
                                    readonly distanceBps: number | null;
                                    /** Format: date-time */
                                    readonly evaluatedAt: string;
                                    readonly slot: number | null;
                                    readonly blocker: ("price" | "time" | "confirming" | "stale_source" | "no_price" | "unknown_source" | "paused" | "halted" | "backoff" | "group_claimed" | "not_started" | "entries_halted" | "cooldown" | "daily_loss_exceeded" | "daily_fees_exceeded" | "unfunded" | "not_launched" | "guard") | string;
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                /** @description What the guards of a sniper find now; absent while its token is not launched. */
                                readonly guardReport?: {
                                    readonly slot: number;
                                    readonly refusals: readonly {
                                        readonly guard: ("mint_authority" | "freeze_authority" | "permanent_delegate" | "transfer_hook" | "transfer_fee" | "unknown_extension" | "pool_age" | "sale" | "liquidity" | "price" | "creator" | "positions") | string;
                                        readonly detail: string;
                                    }[];
                                } & {
                                    readonly [key: string]: unknown;
                                };
                            } & {
                                readonly [key: string]: unknown;
                            }) | ({
                                /** Format: uuid */
                                readonly orderId: string;
                                /** @description From 1, without gaps. */
                                readonly seq: number;
                                /** @enum {string} */
                                readonly kind: "paused";
                                readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                                readonly attempt: number;
                                /** Format: date-time */
                                readonly at: string;
                                readonly by: string;
                                readonly memory: {
                                    readonly [key: string]: unknown;
                                };
                            } & {
                                readonly [key: string]: unknown;
                            }) | ({
                                /** Format: uuid */
                                readonly orderId: string;
                                /** @description From 1, without gaps. */
                                readonly seq: number;
                                /** @enum {string} */
                                readonly kind: "resumed";
                                readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                                readonly attempt: number;
                                /** Format: date-time */
                                readonly at: string;
                                readonly by: string;
                            } & {
                                readonly [key: string]: unknown;
                            }) | ({
                                /** Format: uuid */
                                readonly orderId: string;
                                /** @description From 1, without gaps. */
                                readonly seq: number;
                                /** @enum {string} */
                                readonly kind: "amended";
                                readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                                readonly attempt: number;
                                /** Format: date-time */
                                readonly at: string;
                                readonly by: string;
                                readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                readonly tokenIn: string;
                                readonly tokenInMint: string;
                                readonly tokenInDecimals: number | null;
                                readonly tokenOut: string;
                                readonly tokenOutMint: string;
                                readonly tokenOutDecimals: number | null;
                                /** @description A decimal in token units. */
                                readonly amountIn: string;
                                /** @description The same in base units. */
                                readonly amountInBase: string;
                                readonly slippageBps: number;
                                /** @description What the order does, in one sentence. */
                                readonly summary: string;
                                readonly owner?: string;
                                readonly clientOrderId?: string;
                                readonly venues?: readonly string[];
                                readonly maxPriceImpactBps?: number;
                                readonly split?: boolean;
                                readonly priceOf?: string;
                                readonly limitPrice?: string | null;
                                /** @description What fires it. */
                                readonly trigger?: {
                                    readonly source: string;
                                    readonly observations: number;
                                    readonly dwellMs: number;
                                    readonly maxAgeMs: number;
                                    readonly price?: string;
                                    readonly trailingBps?: number;
                                    readonly activationPrice?: string;
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                readonly timeInForce?: string;
                                readonly expiresAt?: string | null;
                                readonly slippageLadderBps?: readonly number[];
                                /** @description What failed attempts may cost in network fees, in SOL. */
                                readonly feeBudget?: string;
                                readonly maxHoldMs?: number;
                                /** Format: date-time */
                                readonly fireAt?: string;
                                readonly legs?: readonly ({
                                    readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                    readonly slippageBps: number;
                                    readonly priceOf?: string;
                                    readonly limitPrice?: string | null;
                                    /** @description What fires it. */
                                    readonly trigger?: {
                                        readonly source: string;
                                        readonly observations: number;
                                        readonly dwellMs: number;
                                        readonly maxAgeMs: number;
                                        readonly price?: string;
                                        readonly trailingBps?: number;
                                        readonly activationPrice?: string;
                                    } & {
                                        readonly [key: string]: unknown;
                                    };
                                    readonly timeInForce?: string;
                                    readonly expiresAt?: string | null;
                                    readonly slippageLadderBps?: readonly number[];
                                    /** @description What failed attempts may cost in network fees, in SOL. */
                                    readonly feeBudget?: string;
                                    readonly maxHoldMs?: number;
                                    /** Format: date-time */
                                    readonly fireAt?: string;
                                    readonly shareBps?: number;
                                } & {
                                    readonly [key: string]: unknown;
                                })[];
                                readonly exits?: readonly ({
                                    readonly type: ("market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap") | string;
                                    readonly slippageBps: number;
                                    readonly priceOf?: string;
                                    readonly limitPrice?: string | null;
                                    /** @description What fires it. */
                                    readonly trigger?: {
                                        readonly source: string;
                                        readonly observations: number;
                                        readonly dwellMs: number;
                                        readonly maxAgeMs: number;
                                        readonly price?: string;
                                        readonly trailingBps?: number;
                                        readonly activationPrice?: string;
                                    } & {
                                        readonly [key: string]: unknown;
                                    };
                                    readonly timeInForce?: string;
                                    readonly expiresAt?: string | null;
                                    readonly slippageLadderBps?: readonly number[];
                                    /** @description What failed attempts may cost in network fees, in SOL. */
                                    readonly feeBudget?: string;
                                    readonly maxHoldMs?: number;
                                    /** Format: date-time */
                                    readonly fireAt?: string;
                                    readonly shareBps?: number;
                                } & {
                                    readonly [key: string]: unknown;
                                })[];
                                /** @description Of a sniper: what its guards are. */
                                readonly guards?: {
                                    readonly maxTransferFeeBps: number;
                                    readonly minAgeSlots: number;
                                    readonly maxAgeSlots: number;
                                    readonly minSaleBps: number;
                                    readonly passes: number;
                                    /** @description In SOL. */
                                    readonly minLiquidity?: string;
                                    readonly maxPrice?: string;
                                    readonly allowCreators?: readonly string[];
                                    readonly denyCreators?: readonly string[];
                                    readonly allow?: readonly string[];
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                /** @description Of a sniper: the address whose launch it buys. Until it fires, this stands for tokenOut too. */
                                readonly creator?: string;
                                /** Format: uuid */
                                readonly parentId?: string;
                                /** Format: uuid */
                                readonly groupId?: string;
                                readonly memory: {
                                    readonly [key: string]: unknown;
                                };
                            } & {
                                readonly [key: string]: unknown;
                            }) | ({
                                /** Format: uuid */
                                readonly orderId: string;
                                /** @description From 1, without gaps. */
                                readonly seq: number;
                                /** @enum {string} */
                                readonly kind: "failed";
                                readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                                readonly attempt: number;
                                /** Format: date-time */
                                readonly at: string;
                                /** @description Match on the code: docs/lifecycle.md has the table. */
                                readonly failure: {
                                    readonly code: string;
                                    readonly message: string;
                                    readonly detail: string;
                                } & {
                                    readonly [key: string]: unknown;
                                };
                                readonly attempts: number;
                                readonly reachedChain: boolean;
                            } & {
                                readonly [key: string]: unknown;
                            }) | ({
                                /** Format: uuid */
                                readonly orderId: string;
                                /** @description From 1, without gaps. */
                                readonly seq: number;
                                /** @enum {string} */
                                readonly kind: "canceled";
                                readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                                readonly attempt: number;
                                /** Format: date-time */
                                readonly at: string;
                                readonly by: string;
                            } & {
                                readonly [key: string]: unknown;
                            }) | ({
                                /** Format: uuid */
                                readonly orderId: string;
                                /** @description From 1, without gaps. */
                                readonly seq: number;
                                /** @enum {string} */
                                readonly kind: "expired";
                                readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                                readonly attempt: number;
                                /** Format: date-time */
                                readonly at: string;
                                /** @description A decimal in token units. */
                                readonly filledIn?: string;
                                /** @description The same in base units. */
                                readonly filledInBase?: string;
                                /** @description A decimal in token units. */
                                readonly filledOut?: string;
                                /** @description The same in base units. */
                                readonly filledOutBase?: string;
                                /** @description A decimal in token units. */
                                readonly remainingIn?: string;
                                readonly averagePrice?: string | null;
                            } & {
                                readonly [key: string]: unknown;
                            }) | ({
                                /** Format: uuid */
                                readonly orderId: string;
                                readonly seq: number;
                                readonly kind: string;
                                readonly status: ("pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired") | string;
                                readonly attempt: number;
                                /** Format: date-time */
                                readonly at: string;
                            } & {
                                readonly [key: string]: unknown;
                            }))[];
                        } & {
                            readonly [key: string]: unknown;
                        })[];
                        readonly nextCursor: string | null;
                    } & {
                        readonly [key: string]: unknown;
                    };
                };
            };
        };
    };
    readonly cancelOrders: {
        readonly parameters: {
            readonly query?: {
                readonly status?: "pending" | "routing" | "building" | "submitted" | "confirmed" | "failed" | "canceled" | "expired";
                /**
                 * @description Symbol or mint address of a known token.
                 * @example A
                 */
                readonly token?: string;
                /** @description Your own id for the order, unique for ever: repeating it returns the same order. */
                readonly clientOrderId?: string;
                readonly type?: "market" | "limit" | "stop" | "takeProfit" | "trailingStop" | "timeStop" | "sniper" | "oco" | "twap";
                /** @description Only orders that wait for a price or a time, or only others. */
                readonly resting?: "true" | "false";
                /** @description Only the legs or slices of this order. */
                readonly parentId?: string;
                /** @description Only the legs of this group: the id of its parent. */
                readonly groupId?: string;
                /** @description Every open order of the key; instead of a filter. */
                readonly all?: "true";
                /** @description The token of the answer to the same filter; cancels. Without it nothing is canceled. */
                readonly confirm?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description Open orders that fit now. */
                        readonly count: number;
                        /** @description Send it as confirm, with the same filter. */
                        readonly token: string;
                        /** @description The filter, as it was sent. */
                        readonly filter: {
                            readonly [key: string]: unknown;
                        };
                        /** Format: date-time */
                        readonly expiresAt: string;
                    } | {
                        readonly canceled: number;
                        /** @description Orders that are past canceling: their swap was submitted, or they ended otherwise. */
                        readonly tooLate: number;
                        readonly tooLateIds: readonly string[];
                        /** @description Orders that fit and were not tried yet, beyond 10,000: the same token cancels them too. */
                        readonly remaining: number;
                        /** @description The filter, as it was sent. */
                        readonly filter: {
                            readonly [key: string]: unknown;
                        };
                    };
                };
            };
        };
    };
    readonly getTrading: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @enum {unknown} */
                        readonly state: "active" | "entries_halted" | "halted";
                        readonly changedAt: string | null;
                        readonly changedBy: string | null;
                    };
                };
            };
        };
    };
    readonly getWallet: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly address: string;
                        /** @description Of the tokens that it holds, or that are reserved. */
                        readonly balances: readonly ({
                            readonly token: string;
                            readonly mint: string;
                            readonly amount: string;
                            readonly amountBase: string;
                            /** @description What resting orders sell together; five seconds old at worst. */
                            readonly reserved: string;
                            readonly reservedBase: string;
                        } & {
                            readonly [key: string]: unknown;
                        })[];
                    } & {
                        readonly [key: string]: unknown;
                    };
                };
            };
        };
    };
    readonly getDepth: {
        readonly parameters: {
            readonly query: {
                /**
                 * @description Symbol or mint address of a known token.
                 * @example A
                 */
                readonly tokenIn: string;
                /**
                 * @description Symbol or mint address of a known token.
                 * @example B
                 */
                readonly tokenOut: string;
                /**
                 * @description The largest amount.
                 * @example 100000
                 */
                readonly maxAmountIn: string;
                /**
                 * @description 2 to 48 amounts, in equal ratios from a thousandth of the largest on; 24 when absent.
                 * @example 24
                 */
                readonly points?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Of the pools as this process last saw them: no venue is asked. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly tokenIn: string;
                        readonly tokenOut: string;
                        readonly slot: number;
                        /** Format: date-time */
                        readonly at: string;
                        /** @description The smallest amount first. */
                        readonly points: readonly ({
                            readonly amountIn: string;
                            readonly amountInBase: string;
                            /** @description The best route within one venue; those that cannot place the amount are left out. */
                            readonly venues: readonly ({
                                /** @enum {unknown} */
                                readonly venue: "raydium" | "meteora";
                                readonly amountOut: string;
                                readonly amountOutBase: string;
                            } & {
                                readonly [key: string]: unknown;
                            })[];
                            /** @description What an order would get over all venues; null where they cannot place the amount. */
                            readonly route: ({
                                readonly amountOut: string;
                                readonly amountOutBase: string;
                            } & {
                                readonly [key: string]: unknown;
                            }) | null;
                        } & {
                            readonly [key: string]: unknown;
                        })[];
                        /** @description The first four at most. */
                        readonly crossovers: readonly ({
                            readonly amountIn: string;
                            readonly amountInBase: string;
                            /** @enum {unknown} */
                            readonly from: "raydium" | "meteora";
                            /** @enum {unknown} */
                            readonly to: "raydium" | "meteora";
                        } & {
                            readonly [key: string]: unknown;
                        })[];
                    } & {
                        readonly [key: string]: unknown;
                    };
                };
            };
        };
    };
    readonly getSystem: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @enum {unknown} */
                        readonly mode: "simulated" | "live";
                        /** @enum {unknown} */
                        readonly runtime: "embedded" | "distributed";
                        /** @enum {unknown} */
                        readonly trading: "active" | "entries_halted" | "halted";
                        readonly version: string;
                        readonly queue: {
                            /** @description Orders that no worker has taken yet. */
                            readonly depth: number;
                            /** @description How long accepted orders wait for a worker. */
                            readonly oldestMs: number;
                        } & {
                            readonly [key: string]: unknown;
                        };
                        readonly orders: {
                            /** @description Open orders that do not rest, of all keys. */
                            readonly working: number;
                            /** @description Orders that wait for a price or a time, of all keys. */
                            readonly resting: number;
                        } & {
                            readonly [key: string]: unknown;
                        };
                        /** @description The one that answers first. */
                        readonly processes: readonly ({
                            readonly processId: string;
                            /** @enum {unknown} */
                            readonly role: "all" | "api" | "worker";
                            readonly version: string;
                            /** Format: date-time */
                            readonly startedAt: string;
                            /** @description When it last reported: every two seconds. */
                            readonly seenAt: string;
                            /** @description Open WebSockets and server-sent event streams. */
                            readonly streams: number;
                            /** @description As this process sees them: each asks for itself. */
                            readonly venues: readonly ({
                                /** @enum {unknown} */
                                readonly venue: "raydium" | "meteora";
                                /** @enum {unknown} */
                                readonly breaker: "closed" | "open" | "half_open";
                                /** @description When the breaker came into that state. */
                                readonly since: string;
                                readonly latencyMs: number | null;
                                readonly lastFailure: ({
                                    /** Format: date-time */
                                    readonly at: string;
                                    readonly detail: string;
                                } & {
                                    readonly [key: string]: unknown;
                                }) | null;
                            } & {
                                readonly [key: string]: unknown;
                            })[];
                        } & {
                            readonly [key: string]: unknown;
                        })[];
                    } & {
                        readonly [key: string]: unknown;
                    };
                };
            };
        };
    };
    readonly listLaunches: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description The newest hundred, those to come among them. */
                        readonly launches: readonly ({
                            readonly symbol: string;
                            readonly mint: string;
                            readonly creator: string;
                            readonly pool: string;
                            /** @enum {unknown} */
                            readonly venue: "raydium" | "meteora";
                            /** @description The first slot in which the pool is there. */
                            readonly slot: number;
                            /** @description Whether that slot has come. */
                            readonly launched: boolean;
                            /** @description SOL in the pool at first. */
                            readonly liquidity: string;
                            readonly faults: readonly ("mint_authority" | "freeze_authority" | "permanent_delegate" | "transfer_hook" | "transfer_fee" | "unknown_extension" | "no_sell" | "drained")[];
                        } & {
                            readonly [key: string]: unknown;
                        })[];
                    };
                };
            };
        };
    };
    readonly launchToken: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly symbol: string;
                    /** @description Base58 address; made up when absent. */
                    readonly mint?: string;
                    /** @description Base58 address; made up when absent. */
                    readonly creator?: string;
                    /** @description How much later than at once; 0 when absent. */
                    readonly inSlots?: number;
                    /** @description SOL in the pool at first. */
                    readonly liquidity: string | number;
                    /** @enum {unknown} */
                    readonly venue: "raydium" | "meteora";
                    /** @description What is wrong with the token; nothing when absent. */
                    readonly faults?: readonly ("mint_authority" | "freeze_authority" | "permanent_delegate" | "transfer_hook" | "transfer_fee" | "unknown_extension" | "no_sell" | "drained")[];
                };
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly mint: string;
                        readonly pool: string;
                        /** @description The first slot in which the pool is there. */
                        readonly slot: number;
                    };
                };
            };
        };
    };
    readonly getFaults: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly venues: {
                            readonly raydium: ("down" | "slow" | "late" | "limited" | "flapping" | "stale" | "wrong" | "zero" | "negative" | "nan") | null;
                            readonly meteora: ("down" | "slow" | "late" | "limited" | "flapping" | "stale" | "wrong" | "zero" | "negative" | "nan") | null;
                        };
                        /** @description Share of the transactions that vanish on their way to the chain. */
                        readonly dropRate: number;
                        /** @description Share of the sends that report an error although the transaction has arrived. */
                        readonly sendErrorRate: number;
                    };
                };
            };
        };
    };
    readonly setFaults: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description What is not named stays as it is. */
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description What is wrong with a venue; null: nothing. */
                    readonly venues?: {
                        readonly raydium?: ("down" | "slow" | "late" | "limited" | "flapping" | "stale" | "wrong" | "zero" | "negative" | "nan") | null;
                        readonly meteora?: ("down" | "slow" | "late" | "limited" | "flapping" | "stale" | "wrong" | "zero" | "negative" | "nan") | null;
                    };
                    /** @description Share of the transactions that vanish on their way to the chain. */
                    readonly dropRate?: number;
                    /** @description Share of the sends that report an error although the transaction has arrived. */
                    readonly sendErrorRate?: number;
                };
            };
        };
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly venues: {
                            readonly raydium: ("down" | "slow" | "late" | "limited" | "flapping" | "stale" | "wrong" | "zero" | "negative" | "nan") | null;
                            readonly meteora: ("down" | "slow" | "late" | "limited" | "flapping" | "stale" | "wrong" | "zero" | "negative" | "nan") | null;
                        };
                        /** @description Share of the transactions that vanish on their way to the chain. */
                        readonly dropRate: number;
                        /** @description Share of the sends that report an error although the transaction has arrived. */
                        readonly sendErrorRate: number;
                    };
                };
            };
        };
    };
    readonly auditOrders: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Default Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description Orders looked at: the newest ten thousand at most, of all keys. */
                        readonly orders: number;
                        /** @description Those that have not come to rest: they count as neither lost nor sound. */
                        readonly underWay: number;
                        readonly confirmed: number;
                        /** @description Swaps of these orders that have landed and stand. */
                        readonly swaps: number;
                        /** @description Confirmed orders without a landed swap, and closed ones that have one and are not confirmed. */
                        readonly lost: number;
                        /** @description Orders with more than one landed swap. */
                        readonly doubled: number;
                        /** Format: date-time */
                        readonly at: string;
                    } & {
                        readonly [key: string]: unknown;
                    };
                };
            };
        };
    };
}
