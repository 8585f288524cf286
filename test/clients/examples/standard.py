"""Trades with Python's standard library alone: standard.py URL [URL of an engine whose orders wait, to have time to cancel]

API_KEY is the key, if the engine wants one.
"""

import http.client
import json
import os
import sys
import urllib.parse
import urllib.request
import uuid

ORDER = {"type": "market", "tokenIn": "A", "tokenOut": "B", "amountIn": "100", "slippageBps": 100}
ACCESS = {"Authorization": f"Bearer {os.environ['API_KEY']}"} if "API_KEY" in os.environ else {}


def ask(url, method="GET", body=None, headers={}):
    """The answer's body and its headers. urllib sends a body as a form unless its type is named."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {**ACCESS, **headers}, method=method)
    with urllib.request.urlopen(request) as response:
        return json.load(response), response.headers


def place(engine, key):
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    return ask(f"{engine}/api/orders/execute", "POST", ORDER, headers)


def statuses(engine, order_id):
    """The statuses of an order from its first to its last, as server-sent events."""
    address = urllib.parse.urlsplit(engine)
    connection = http.client.HTTPConnection(address.netloc)
    connection.request("GET", f"{address.path}/api/orders/{order_id}/events", headers=ACCESS)
    with connection.getresponse() as response:
        lines = (line.decode() for line in response)
        return [json.loads(line[len("data: "):])["status"] for line in lines if line.startswith("data: ")]


def main(engine, waiting):
    key = f"standard-{uuid.uuid4()}"
    order, _ = place(engine, key)
    print("placed", order["orderId"])
    print("events", *statuses(engine, order["orderId"]))

    again, headers = place(engine, key)
    print("repeated", again["orderId"], headers["Idempotency-Replayed"])

    other, _ = place(waiting, key)
    canceled, _ = ask(f"{waiting}/api/orders/{other['orderId']}", "DELETE")
    print("canceled", canceled["status"])

    page, _ = ask(f"{engine}/api/orders?limit=100")
    print("listed", *(each["orderId"] for each in page["orders"]))


main(sys.argv[1], sys.argv[-1])
