"""The load: signed slash commands at a fixed rate, from a process of its own.

Reads what to do as JSON from standard input, prints milliseconds by command as JSON. Commands take
turns, so that all of them meet the same weather on the machine.
"""

import json
import sys
import threading
import time
import uuid
from urllib.parse import urlencode

import httpx
from slack_sdk.signature import SignatureVerifier

COMMANDS = {
    "empty": ("/empty", ""),
    "ours": ("/ours", ""),
    "list": ("/incident", "list"),
    "status": ("/incident", "status"),
    "help": ("/incident", "help"),
    "fact": ("/incident", "fact records_total {number}"),
}
READS = ("empty", "ours", "list", "status", "help")
WRITE_EVERY = 25
"""One request in so many records a fact, which also moves clocks, notices and messages."""


def main() -> None:
    """Send the load."""
    asked = json.load(sys.stdin)
    verifier = SignatureVerifier(asked["secret"])
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    threads = []
    with httpx.Client(trust_env=False, timeout=10) as client:
        for warm in COMMANDS:
            send(client, verifier, asked, warm, 1)
        started = time.perf_counter()
        for number in range(asked["rate"] * asked["seconds"]):
            due = started + number / asked["rate"]
            time.sleep(max(0.0, due - time.perf_counter()))
            name = "fact" if number % WRITE_EVERY == 0 else READS[number % len(READS)]
            thread = threading.Thread(
                target=lambda name=name, number=number: times[name].append(
                    send(client, verifier, asked, name, number)
                )
            )
            thread.start()
            threads.append(thread)
        for thread in threads:
            thread.join()
    json.dump(times, sys.stdout)


def send(
    client: httpx.Client, verifier: SignatureVerifier, asked: dict[str, str], name: str, number: int
) -> float:
    """Send one command; return milliseconds until its answer was read."""
    command, text = COMMANDS[name]
    body = urlencode(
        {
            "command": command,
            "text": text.format(number=number),
            "user_id": "U0ANA",
            "team_id": "T0DEMO",
            "channel_id": asked["channel"],
            "trigger_id": uuid.uuid4().hex,
            "response_url": "http://127.0.0.1/none",
        }
    )
    stamp = str(int(time.time()))  # noqa: TID251 - Slack's own clock, not ours
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": verifier.generate_signature(timestamp=stamp, body=body),
    }
    started = time.perf_counter()
    path = "/stock/slack/events" if name == "empty" else "/slack/events"
    answer = client.post(asked["url"] + path, content=body, headers=headers)
    span = (time.perf_counter() - started) * 1000
    answer.raise_for_status()
    return span


if __name__ == "__main__":
    main()
