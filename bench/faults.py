"""The figures of `make soak` on emulated clouds: counted, printed as tables, and kept as dated JSON.

    python bench/faults.py [FOLDER]

FOLDER has cloud-faults.jsonl and cloud-kills.jsonl (see tests/e2e/rehearsal). A soak that was stopped goes on
the next time, so how many trials there would be is told beside how many there were.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
#: Calls that change the cloud; a kill at another can leave nothing behind.
CHANGING = ("Create", "Update", "Delete")

Entry = dict[str, Any]


def entries(file: Path) -> list[Entry]:
    """The last line of each trial."""
    lines = file.read_text().splitlines() if file.exists() else []
    return list({tuple(entry["trial"]): entry for entry in map(json.loads, lines)}.values())


def faults(tried: list[Entry]) -> Entry:
    def count(some: Iterable[Entry]) -> Entry:
        each = list(some)
        return {"trials": len(each), "converged": sum(entry["error"] is None for entry in each)}

    names = list(dict.fromkeys(entry["trial"][3] for entry in tried))
    return {
        **count(tried),
        "of": max((entry["of"] for entry in tried), default=0),
        "by fault": {name: count(e for e in tried if e["trial"][3] == name) for name in sorted(names)},
        "not converged": sorted([*entry["trial"]] for entry in tried if entry["error"]),
    }


def kills(tried: list[Entry]) -> Entry:
    def count(some: Iterable[Entry]) -> Entry:
        each = list(some)
        return {
            "trials": len(each),
            "converged": sum(entry["converged"] for entry in each),
            "orphans": sum(entry["orphans"] for entry in each),
            # a down that came to nothing leaves things, and doubles none
            "doubled": sum(entry["doubled"] for entry in each if entry["trial"][2] != "down"),
            "missing": sum(entry["missing"] for entry in each),
        }

    found = {}
    for who in ("mlstack", "plain"):
        ours = [entry for entry in tried if entry["trial"][1] == who]
        valid = [entry for entry in ours if "invalid" not in entry]
        found[who] = {
            **count(valid),
            "of": max((entry["of"] for entry in ours), default=0),
            "invalid": len(ours) - len(valid),
            "at a call that changes something": count(e for e in valid if e["trial"][3] in CHANGING),
            "by operation": {
                name: count(e for e in valid if e["trial"][2] == name) for name in ("up", "change", "down")
            },
            "by victim": {
                name: count(e for e in valid if e["trial"][-1] == name)
                for name in ("cli", "engine", "provider")
            },
        }
    return found


def table(rows: dict[str, Entry], columns: tuple[str, ...]) -> str:
    width = max(map(len, rows), default=0) + 2
    lines = [" " * width + "".join(f"{name:>11}" for name in columns)]
    lines += [
        f"{name:<{width}}" + "".join(f"{row.get(c, ''):>11}" for c in columns) for name, row in rows.items()
    ]
    return "\n".join(lines)


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("MLSTACK_SOAK", "soak"))
    if not folder.is_dir():
        sys.exit(f"{folder}: no such folder; `make soak` keeps its lines in soak/, or in MLSTACK_SOAK")
    all_faults, all_kills = entries(folder / "cloud-faults.jsonl"), entries(folder / "cloud-kills.jsonl")
    found = {}
    for cloud in sorted({entry["trial"][0] for entry in (*all_faults, *all_kills)}):
        fault = faults([entry for entry in all_faults if entry["trial"][0] == cloud])
        kill = kills([entry for entry in all_kills if entry["trial"][0] == cloud])
        found[cloud] = {"faults": fault, "kills": kill}
        print(f"\n{cloud}: faults, each on a kind's create and update; the same command again")
        print(table({"all": fault, **fault["by fault"]}, ("trials", "of", "converged")))
        print(f"\n{cloud}: killed at a provider call of up, of a change, of down; what comes after")
        rows = {
            f"{who}{': ' if part else ''}{part}": row
            for who, figures in kill.items()
            for part, row in {"": figures, **figures["by operation"]}.items()
        }
        print(table(rows, ("trials", "of", "converged", "orphans", "doubled", "missing")))
    now = datetime.now(UTC)
    file = RESULTS / f"{now.date().isoformat()}-faults.json"
    kept = {"at": now.isoformat(timespec="seconds"), **found}
    file.write_text(json.dumps(kept, indent=2) + "\n")
    print(f"\nkept in {file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file}")


if __name__ == "__main__":
    main()
