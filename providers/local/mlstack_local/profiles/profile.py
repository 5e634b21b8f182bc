"""The profile itself: data that goes to JSON and back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

ColumnType: TypeAlias = Literal["numeric", "categorical", "boolean", "timestamp", "text"]

#: Of the form of the JSON. A profile of another form is made anew.
FORMAT = 1

#: The probabilities that `Column.quantiles` are at: 0, 5 %, … 100 %.
PROBABILITIES = tuple(step / 20 for step in range(21))


@dataclass(frozen=True)
class Column:
    """Statistics of one column.

    ``count`` and ``nulls`` together are the table's rows; NaN and infinite numbers count as nulls. ``min``,
    ``max``, ``mean`` and ``std`` (of the population) are exact; times are seconds since 1970, UTC.
    ``quantiles`` (at `PROBABILITIES`) and ``bins`` are of the sample, which is every row where there are no
    more than 10,000. ``edges`` are k ascending inner edges, and ``bins`` the values in each of the k + 1
    intervals between them: a value falls into ``numpy.searchsorted(edges, value, side="right")``. They are
    deciles, so that a PSI compares with tenths; where deciles coincide, the ends of the range are edges too,
    so that values outside of it have an interval of their own.

    ``distinct`` is None where there were more than could be counted. ``categories`` has the most frequent
    values as text, with how often each is there, most frequent first; ``other`` is how many rows hold
    another value.
    """

    type: ColumnType
    count: int
    nulls: int
    min: float | None = None
    max: float | None = None
    mean: float | None = None
    std: float | None = None
    quantiles: tuple[float, ...] = ()
    edges: tuple[float, ...] = ()
    bins: tuple[int, ...] = ()
    distinct: int | None = None
    categories: dict[str, int] = field(default_factory=dict)
    other: int = 0


@dataclass(frozen=True)
class Profile:
    """``columns`` in the table's order; ``features`` are those that a model takes."""

    rows: int
    columns: dict[str, Column]
    features: tuple[str, ...]
    label: str | None = None
    prediction: str | None = None
    timestamp: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Profile | None:
        """None for a profile of another form."""
        given = dict(document)
        if given.pop("format", None) != FORMAT:
            return None
        columns = {name: _column(column) for name, column in given.pop("columns").items()}
        return cls(columns=columns, features=tuple(given.pop("features")), **given)


def _column(given: dict[str, Any]) -> Column:
    fields: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in given.items()}
    return Column(**fields)
