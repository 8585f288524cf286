"""Trades with requests and websockets: client.py URL [URL of an engine whose orders wait, so that there is time to cancel]

API_KEY is the key, if the engine wants one.
"""

import asyncio
import json
import os
import sys
import uuid

import requests
import websockets

ORDER = {"type": "market", "tokenIn": "A", "tokenOut": "B", "amountIn": "100", "slippageBps": 100}

session = requests.Session()
if "API_KEY" in os.environ:
    session.headers["Authorization"] = f"Bearer {os.environ['API_KEY']}"


def place(engine, key):
    response = session.post(f"{engine}/api/orders/execute", json=ORDER, headers={"Idempotency-Key": key})
    response.raise_for_status()
    return response


async def over_socket(url):
    """The statuses of an order from its first, until the engine closes the socket after the last."""
    headers = {name: session.headers[name] for name in ("Authorization",) if name in session.headers}
    # The option has another name since version 14.
    option = "extra_headers" if int(websockets.__version__.split(".")[0]) < 14 else "additional_headers"
    async with websockets.connect(url, **{option: headers}) as socket:
        return [json.loads(message)["status"] async for message in socket]


def over_events(url):
    """The same as server-sent events."""
    with session.get(url, stream=True) as response:
        response.raise_for_status()
        lines = response.iter_lines(decode_unicode=True)
        return [json.loads(line[len("data: "):])["status"] for line in lines if line.startswith("data: ")]


def main(engine, waiting):
    key = f"python-{uuid.uuid4()}"
    order = place(engine, key).json()
    print("placed", order["orderId"])
    print("socket", *asyncio.run(over_socket(order["wsUrl"])))
    print("events", *over_events(f"{engine}/api/orders/{order['orderId']}/events"))

    again = place(engine, key)
    print("repeated", again.json()["orderId"], again.headers.get("Idempotency-Replayed"))

    other = place(waiting, key).json()
    canceled = session.delete(f"{waiting}/api/orders/{other['orderId']}")
    canceled.raise_for_status()
    print("canceled", canceled.json()["status"])

    page = session.get(f"{engine}/api/orders", params={"limit": 100}).json()
    print("listed", *(each["orderId"] for each in page["orders"]))


main(sys.argv[1], sys.argv[-1])
