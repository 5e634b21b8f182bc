"""Secrets in what a process writes: gone, however it is cut."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlstack_local import secrets
from mlstack_local.layout import Layout
from mlstack_local.masking import MASK, SHORTEST, Masker
from mlstack_local.supervisor import Supervisor


def masked(values: list[str], *pieces: bytes) -> bytes:
    masker = Masker(values)
    return b"".join([*map(masker.feed, pieces), masker.flush()])


@pytest.mark.parametrize(
    ("values", "pieces", "shown"),
    [
        (["s3cr3t"], [b"the s3cr3t is s3cr3t\n"], b"the *** is ***\n"),
        (["s3cr3t"], [b"the s3", b"cr", b"3t is"], b"the *** is"),
        (["s3cr3t"], [b"the s3cr", b"eam"], b"the s3cream"),
        (["s3cr3t"], [b"ends with s3cr3"], b"ends with s3cr3"),
        (["abcd", "abcdef"], [b"abc", b"def abcd"], b"*** ***"),
        (["abcd", "cdxx"], [b"abcd"], b"***"),
        (["abcd", "abcdefgh"], [b"abcdef", b"x"], b"***efx"),
        (["line one\nline two"], [b"x line two"], b"x ***"),
        (["a\nline one"], [b"line one, a"], b"***, a"),
        (["value\n"], [b"value\n"], b"***"),
        (["no"], [b"no, nothing"], b"no, nothing"),
        ([""], [b"x"], b"x"),
        (["p*ss."], [b"p*ss. pass."], b"*** pass."),
        (["schlüssel"], ["der schlüssel".encode()[:9], "der schlüssel".encode()[9:]], b"der ***"),
    ],
)
def test_examples(values: list[str], pieces: list[bytes], shown: bytes) -> None:
    assert masked(values, *pieces) == shown


letters = st.text("abc\n", max_size=8)


def test_the_memory_that_a_long_secret_takes_grows_with_it_alone() -> None:
    secret = "".join(f"{number:06} " for number in range(4000))
    tracemalloc.start()
    try:
        assert masked([secret], f"x {secret} y".encode()) == b"x *** y"
        assert tracemalloc.get_traced_memory()[1] < 1000 * len(secret)
    finally:
        tracemalloc.stop()


@given(values=st.lists(letters, min_size=1, max_size=4), text=st.text("abc\n ", max_size=60), data=st.data())
def test_no_cut_lets_a_secret_through(values: list[str], text: str, data: st.DataObject) -> None:
    whole = text.encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    ends = [0, *cuts, len(whole)]
    pieces = [whole[start:end] for start, end in pairwise(ends)]

    shown = masked(values, *pieces)
    assert shown == masked(values, whole)
    for value in values:
        if len(value) >= SHORTEST:
            assert value.encode() not in shown
    if not any(len(line) >= SHORTEST for value in values for line in (value, *value.splitlines())):
        assert shown == whole
    assert len(shown.replace(MASK, b"")) <= len(whole)


def test_the_end_of_a_workers_log_is_shown_without_secrets(tmp_path: Path) -> None:
    layout = Layout(tmp_path, "uid")
    secrets.write(layout, "token", "s3cr3t-value")
    supervisor = Supervisor(layout)
    supervisor.log("digits.main.0").parent.mkdir(parents=True)
    supervisor.log("digits.main.0").write_text("one\ntoken s3cr3t-value\n")
    assert supervisor.log_tail("digits.main.0") == ["one", "token ***"]
