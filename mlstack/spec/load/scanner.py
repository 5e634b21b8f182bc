"""ruamel's scanner, stopped at brackets that nobody means.

It reads up to 1,024 characters ahead of the parser, in time that grows with the square of the open
brackets among them, so to count the parser's events is too late.
"""

from __future__ import annotations

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.scanner import Scanner

from mlstack.spec.load.limits import MAX_DEPTH


class TooDeepError(MarkedYAMLError):
    """More than MAX_DEPTH brackets are open."""


class BoundedScanner(Scanner):
    def fetch_flow_collection_start(self, TokenClass: Any, to_push: str) -> None:  # noqa: N803 - ruamel's name
        if self.flow_level >= MAX_DEPTH:
            raise TooDeepError(problem_mark=self.reader.get_mark())
        super().fetch_flow_collection_start(TokenClass, to_push)


def parser() -> YAML:
    """A pure YAML 1.2 parser with the bounded scanner."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Scanner = BoundedScanner
    return yaml
