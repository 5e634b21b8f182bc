"""One, or a list of candidates for placement to choose from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from mlstack.spec.faults import fault, shown
from mlstack.spec.text import NAME


class _OneOrMore:
    """A text that ``allowed`` takes, or a list of at least one, none of them twice."""

    def __init__(self, what: str, pattern: str, allowed: Callable[[str], Any]) -> None:
        self.what = what
        self.word = f"{what}, or a list of them"
        self.pattern = pattern
        self.allowed = allowed

    def check(self, value: Any) -> Any:
        texts = value if isinstance(value, list) else [value]
        for text in texts:
            if not isinstance(text, str) or not self.allowed(text):
                raise self._fault(text)
        if not texts or len(set(texts)) < len(texts):
            raise self._fault(value)
        return value

    def _fault(self, value: Any) -> Exception:
        remedy = f"write one {self.what}, or a list of different ones"
        return fault(f"bad-{self.what}", f"{shown(value)} is no {self.what}", remedy)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        one = core_schema.str_schema(pattern=self.pattern)
        accepted = core_schema.union_schema([one, core_schema.list_schema(one, min_length=1)])
        return core_schema.no_info_plain_validator_function(self.check, json_schema_input_schema=accepted)


Cloud: TypeAlias = Annotated[str | list[str], _OneOrMore("cloud", f"^{NAME.pattern}$", NAME.fullmatch)]
Region: TypeAlias = Annotated[
    str | list[str], _OneOrMore("region", r"^\S+$", lambda text: text.split() == [text])
]
