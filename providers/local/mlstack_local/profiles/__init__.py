"""What a table holds: its schema, statistics of each column, and a sample of its rows.

    found = profiles.keep(layout.profile("digits", version), path, columns)   # made once, then read
    found.rows, found.columns["age"].mean, found.features
    profiles.values(layout.profile("digits", version))["age"]                 # numpy, for KS and the like

A table is a file that ends in .csv, .tsv, .parquet, .pq, .jsonl or .ndjson (the text ones also with .gz), or
a folder of such files. It is read once, batch by batch, so memory does not grow with it.
"""

from mlstack_local.profiles.profile import Column, ColumnType, Profile
from mlstack_local.profiles.scan import profile
from mlstack_local.profiles.store import keep, load, sample, values
from mlstack_local.tables import Unparsable

__all__ = [
    "Column",
    "ColumnType",
    "Profile",
    "Unparsable",
    "keep",
    "load",
    "profile",
    "sample",
    "values",
]
