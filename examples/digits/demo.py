"""`make demo`: bring this example up, ask its endpoint about digits it was not trained on, show what came.

    python demo.py            leaves the endpoint running, and says how to take it down
    python demo.py --down     takes it down at the end, and looks whether anything is left (also with CI=true)

Exit code 0 only when everything worked and at least 95 % of the answers are right.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
MLSTACK = Path(sys.executable).parent / "mlstack"
HELD_OUT = 5  # as in src/train.py: every fifth row
SHOWN = 5
WANTED_ACCURACY = 0.95
SHADES = " .:-=+*#%@"

Rows = list[list[float]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--down", action="store_true", help="take everything down at the end")
    down = parser.parse_args().down or os.environ.get("CI") == "true"

    mlstack("up", "--yes")
    endpoint = json.loads(mlstack("outputs", "endpoints.digits", "--show-secrets", "--json", capture=True))
    rows, truths = held_out()
    answers = ask(endpoint["url"], endpoint["key"], rows)

    say("Five digits the model has not seen, and what the endpoint says")
    chosen = [truths.index(digit) for digit in sorted(set(truths))[:SHOWN]]
    draw([(rows[number], answers[number], truths[number]) for number in chosen])
    right = sum(map(int.__eq__, answers, truths))
    accuracy = right / len(truths)
    say(f"{right} of {len(truths)} answers over HTTP are right: accuracy {accuracy:.4f}")

    refused = status_without_key(endpoint["url"], rows[0])
    print(f"without the key the endpoint answers {refused}")
    told(endpoint["url"], rows[0])
    left = take_down(endpoint["url"]) if down else []
    return 0 if accuracy >= WANTED_ACCURACY and refused == 401 and not left else 1


def mlstack(*arguments: str, capture: bool = False) -> str:
    """Run mlstack in this folder; its standard output where it is captured."""
    if not capture:
        print(f"$ mlstack {' '.join(arguments)}", flush=True)
    stdout = subprocess.PIPE if capture else None
    return subprocess.run([MLSTACK, *arguments], cwd=HERE, check=True, stdout=stdout, text=True).stdout


def held_out() -> tuple[Rows, list[int]]:
    """The pixels and the true digits of the rows that train.py leaves out."""
    with (HERE / "data" / "digits.csv").open(newline="") as file:
        rows = [row for number, row in enumerate(csv.DictReader(file)) if number % HELD_OUT == 0]
    truths = [int(row.pop("target")) for row in rows]
    return [[float(value) for value in row.values()] for row in rows], truths


def ask(url: str, key: str, rows: Rows) -> list[int]:
    answer: dict[str, Any] = post(url, rows, {"Authorization": f"Bearer {key}"})
    return [int(value) for value in answer["predictions"]]


def status_without_key(url: str, row: list[float]) -> int:
    try:
        post(url, [row], {})
    except urllib.error.HTTPError as error:
        return error.code
    return 200


def post(url: str, rows: Rows, headers: dict[str, str]) -> Any:
    body = json.dumps({"instances": rows}).encode()
    headers = {"Content-Type": "application/json", **headers}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=60) as response:  # noqa: S310
        return json.load(response)


def draw(seen: list[tuple[list[float], int, int]]) -> None:
    """The images side by side, in characters; below each what was answered and what is true."""
    for line in range(8):
        images = (
            "".join(SHADES[int(value / 16 * 9)] * 2 for value in row[8 * line : 8 * line + 8])
            for row, _, _ in seen
        )
        print("   ".join(images).rstrip())
    print("   ".join(f"{f'says {said}, is {true}':16}" for _, said, true in seen).rstrip())


def told(url: str, row: list[float]) -> None:
    """How to go on by hand, from the folder that the demo was started in."""
    command, folder = os.path.relpath(MLSTACK), os.path.relpath(HERE)
    body = json.dumps({"instances": [[int(value) for value in row]]}, separators=(",", ":"))
    say("Ask it yourself")
    print(f"  KEY=$({command} outputs endpoints.digits.key --show-secrets -f {folder})")
    print(f"  curl {url} -H 'Content-Type: application/json' -H \"Authorization: Bearer $KEY\" \\")
    print(f"    -d '{body}'")
    say("Take it down")
    print(f"  {command} down --yes -f {folder}\n", flush=True)


def take_down(url: str) -> list[str]:
    """What is still there after `mlstack down`."""
    mlstack("down", "--yes")
    status = json.loads(mlstack("status", "--json", capture=True))
    left = [f"{row['kind']} {row['name']}" for row in status["resources"] if row["state"] != "absent"]
    address = urlsplit(url)
    with socket.socket() as probe:
        probe.settimeout(2)
        if probe.connect_ex((str(address.hostname), int(address.port or 80))) == 0:
            left.append(f"something that listens at port {address.port}")
    print(f"still there: {', '.join(left)}" if left else "nothing is left of it")
    return left


def say(title: str) -> None:
    print(f"\n{title}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
