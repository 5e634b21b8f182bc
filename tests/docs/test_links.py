"""Links between pages lead somewhere, and the index has every page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it.token import Token

from tests.docs.fences import ROOT, name, pages, tokens


@pytest.mark.parametrize("page", pages(), ids=name)
def test_links_resolve(page: Path) -> None:
    for link in links(tokens(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name(page)}: {link}"
        if anchor:
            assert anchor in anchors(target), f"{name(page)}: {link}"


def test_the_index_has_every_page() -> None:
    index = ROOT / "docs" / "index.md"
    linked = {(index.parent / link).resolve() for link in links(tokens(index))}
    assert {name(page) for page in pages() if page not in linked and page != index} <= {
        "examples/provider/README.md"
    }


def links(found: list[Token]) -> Iterator[str]:
    for token in found:
        if token.type == "link_open":
            yield str(token.attrs["href"])
        yield from links(token.children or [])


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found = tokens(page)
    titles = [after.content for token, after in pairwise(found) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", title.replace("`", "").lower()).replace(" ", "-") for title in titles}
