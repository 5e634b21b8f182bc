"""For those who write a provider: the suite that every provider passes, and its parts.

`Conformance` is the suite as a pytest class. Its checks are functions that need no pytest
(`mlstack.testing.checks`, `mlstack.testing.accounts`), and `resource_lifecycle` puts one gap resource
through its verbs. `record` runs a Pulumi program without an engine and tells what it registers;
`discoverable` makes a provider findable that is not installed.
"""

from mlstack.testing.built import Built, build
from mlstack.testing.cases import all_fields, sample
from mlstack.testing.discover import discoverable, entry_points
from mlstack.testing.lifecycle import resource_lifecycle
from mlstack.testing.record import Answers, Recording, Registered, record
from mlstack.testing.suite import Conformance

__all__ = [
    "Answers",
    "Built",
    "Conformance",
    "Recording",
    "Registered",
    "all_fields",
    "build",
    "discoverable",
    "entry_points",
    "record",
    "resource_lifecycle",
    "sample",
]
