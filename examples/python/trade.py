"""Places an order and follows it to its end, with Python's standard library alone.

usage: python3 trade.py [URL]        (http://127.0.0.1:3000 when absent; OEE_API_KEY holds the key, where one is needed)
"""

import http.client
import json
import os
import random
import sys
import time
import urllib.error
import urllib.request
import uuid

URL = (sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:3000").rstrip("/")
KEY = os.environ.get("OEE_API_KEY")
FINAL = {"confirmed", "failed", "canceled", "expired"}
# No connection, one that broke, and an answer that was cut short.
FAULTS = (OSError, http.client.HTTPException, ValueError)
TIMEOUT_S = 60  # The engine sends a comment every 20 s: a stream that is silent for longer is dead.


def request(path, body=None, headers=None):
    """The open answer to a request. Raises HTTPError for a denial, OSError where there is no connection."""
    all_headers = {"content-type": "application/json", **(headers or {})}
    if KEY:
        all_headers["authorization"] = f"Bearer {KEY}"
    data = None if body is None else json.dumps(body).encode()
    return urllib.request.urlopen(urllib.request.Request(URL + path, data, all_headers), timeout=TIMEOUT_S)


def wait(attempt, error):
    """Waits before another attempt: exponential backoff with full jitter, and as long as the engine asks."""
    asked = error.headers.get("retry-after") if isinstance(error, urllib.error.HTTPError) else None
    time.sleep(float(asked or 0) + random.uniform(0, min(8, 0.25 * 2**attempt)))


def is_transient(error):
    return not isinstance(error, urllib.error.HTTPError) or error.code in (408, 429) or error.code >= 500


def place(order):
    """All attempts have one key, so the order is placed once, whatever becomes of the answers."""
    key = {"idempotency-key": str(uuid.uuid4())}
    for attempt in range(5):
        try:
            with request("/api/orders/execute", order, key) as answer:
                return json.load(answer)
        except FAULTS as error:
            if attempt == 4 or not is_transient(error):
                raise
            wait(attempt, error)


def follow(order_id):
    """Each event of the order once, until the last one; a new connection goes on behind the last event."""
    last, attempt = 0, 0
    while True:
        error = None
        try:
            with request(f"/api/orders/{order_id}/events", headers={"last-event-id": str(last)}) as stream:
                for line in stream:
                    if not line.startswith(b"data: "):
                        continue
                    event = json.loads(line[6:])
                    last, attempt = event["seq"], 0
                    yield event
                    if event["status"] in FINAL:
                        return
        except FAULTS as fault:
            if not is_transient(fault):
                raise
            error = fault
        wait(attempt, error)
        attempt += 1


if __name__ == "__main__":
    try:
        placed = place({"type": "market", "tokenIn": "A", "tokenOut": "B", "amountIn": "100", "slippageBps": 300})
        print(placed["orderId"], placed["summary"])
        for event in follow(placed["orderId"]):
            print(event["seq"], event["kind"], event["status"])
    except urllib.error.HTTPError as denial:
        sys.exit(f"denied: {denial.read().decode()}")
    except FAULTS as fault:
        sys.exit(f"the engine cannot be reached: {fault}")
