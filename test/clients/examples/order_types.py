"""Places an order of each type with requests, changes them, and cancels what is left: order_types.py URL

API_KEY is the key, if the engine wants one.
"""

import os
import sys
import time

import requests

SALE = {"tokenIn": "A", "tokenOut": "B", "amountIn": "1"}
STOP = {"type": "stop", "trigger": {"price": "0.5"}}
TAKE_PROFIT = {"type": "takeProfit", "trigger": {"price": "90"}}
ORDERS = [
    {**SALE, "type": "limit", "limitPrice": "60"},
    {**SALE, **STOP},
    {**SALE, **TAKE_PROFIT},
    {**SALE, "type": "trailingStop", "trigger": {"trailingBps": 5000}},
    {**SALE, "type": "oco", "legs": [TAKE_PROFIT, STOP]},
    {**SALE, "type": "twap", "slices": 2, "durationMs": 3_600_000, "limitPrice": "60"},
    {
        "type": "sniper",
        "tokenIn": "SOL",
        "tokenOut": "J1toso1uCk3RLmjorhTtrVwY9HJ7X8V9yYac6Y7kGCPn",
        "amountIn": "1",
        "guards": {"minLiquidity": "50"},
    },
]

session = requests.Session()
if "API_KEY" in os.environ:
    session.headers["Authorization"] = f"Bearer {os.environ['API_KEY']}"


def ask(method, url, expected=200, **more):
    response = session.request(method, url, **more)
    if response.status_code != expected:
        sys.exit(f"{method} {url} answered {response.status_code}: {response.text}")
    return response.json()


def main(engine):
    orders = f"{engine}/api/orders"
    ids = {}
    for order in ORDERS:
        summary = ask("POST", f"{orders}/preview", json=order)["summary"]
        placed = ask("POST", f"{orders}/execute", 201, json=order)
        assert placed["summary"].split(";")[0] == summary.split(";")[0], (placed, summary)
        ids[order["type"]] = placed["orderId"]
        print(order["type"], placed["orderId"])

    url = f"{orders}/{ids['limit']}"
    while not (limit := ask("GET", url))["resting"]:
        time.sleep(0.1)
    seen = {"If-Match": str(limit["seq"])}
    print("amended", ask("PATCH", url, json={"limitPrice": "61"}, headers=seen)["limitPrice"])
    print("stale", ask("PATCH", url, 412, json={"limitPrice": "62"}, headers=seen)["code"])
    ask("PATCH", url, json={"state": "paused"})
    print("paused", ask("GET", url)["waiting"]["blocker"])
    ask("PATCH", url, json={"state": "active"})

    found = ask("DELETE", orders, params={"all": "true"})
    done = ask("DELETE", orders, params={"all": "true", "confirm": found["token"]})
    print("canceled", done["canceled"] == found["count"], done["remaining"])


main(sys.argv[1])
