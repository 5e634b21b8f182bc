"""A cloud's machines, regions and list prices, read from the CSV files of a package.

``instances.csv``: name, cpus, memory_gib, gpu, gpus, disk_gib (empty: not known), source. ``prices.csv``:
instance, region, usd_per_hour, source, as_of. ``regions.csv``: name. What is not there is unknown, and said
to be.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib.resources import files

from mlstack.provider import Instance, Price


def rows(package: str, name: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV file in a package, by the names in its first line."""
    with files(package).joinpath(name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def regions(package: str) -> tuple[str, ...]:
    return tuple(row["name"] for row in rows(package, "regions.csv"))


def instances(package: str) -> tuple[Instance, ...]:
    """With their prices by region."""
    prices: dict[str, dict[str, Price]] = {}
    for row in rows(package, "prices.csv"):
        price = Price(float(row["usd_per_hour"]), "USD", row["source"], row["as_of"])
        prices.setdefault(row["instance"], {})[row["region"]] = price
    return tuple(
        Instance(
            row["name"],
            float(row["cpus"]),
            float(row["memory_gib"]),
            row["gpu"] or None,
            int(row["gpus"]),
            disk_gib=float(row["disk_gib"]) if row["disk_gib"] else None,
            prices=prices.get(row["name"], {}),
        )
        for row in rows(package, "instances.csv")
    )
