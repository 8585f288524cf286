#!/usr/bin/env bash
# Trades with curl: client.sh URL [URL of an engine whose orders wait, so that there is time to cancel]
# API_KEY is the key, if the engine wants one; CURL is curl with options of your own, as in CURL='curl --http2'.
set -euo pipefail

engine=$1
waiting=${2:-$1}
key=shell-$$-$RANDOM
order='{ "type": "market", "tokenIn": "A", "tokenOut": "B", "amountIn": "100", "slippageBps": 100 }'

ask() {
  ${CURL:-curl} --silent --show-error --fail-with-body --max-time 60 \
    ${API_KEY:+--header "Authorization: Bearer $API_KEY"} "$@"
}

place() {
  ask "$@" --header 'Content-Type: application/json' --header "Idempotency-Key: $key" --data "$order"
}

# The text of a field: good enough for answers as flat as these.
field() {
  sed -E "s/.*\"$1\":\"([^\"]*)\".*/\1/"
}

id=$(place "$engine/api/orders/execute" | field orderId)
echo "placed $id"

# Server-sent events: the whole log from its start, until the order has ended.
statuses=$(ask --no-buffer "$engine/api/orders/$id/events" | sed -nE 's/^data: .*"status":"([a-z]+)".*/\1/p')
echo "events" $statuses

# The same key again is the same order, whatever became of the first answer.
again=$(place --include "$engine/api/orders/execute" | tr -d '\r')
echo "repeated $(tail -n 1 <<<"$again" | field orderId) $(sed -nE 's/^idempotency-replayed: //ip' <<<"$again")"

id=$(place "$waiting/api/orders/execute" | field orderId)
# Many clients name a type with every request, also where they send nothing.
canceled=$(ask --request DELETE --header 'Content-Type: application/json' "$waiting/api/orders/$id")
echo "canceled $(sed -E 's/"events".*//' <<<"$canceled" | field status)"

echo "listed" $(ask "$engine/api/orders?limit=100" | grep -oE '"orderId":"[^"]+"' | cut -d '"' -f 4)
