from importlib.metadata import requires

import pytest
from mlstack_local import environments


def test_a_file_is_read_as_a_list() -> None:
    text = "# pins\nsix==1.17.0  # why\n\nnumpy >= 2 ; python_version > '3.8'\npkg @ https://host/x.zip#sha256=ab\n"
    assert environments.parse(text) == [
        "six==1.17.0",
        "numpy >= 2 ; python_version > '3.8'",
        "pkg @ https://host/x.zip#sha256=ab",
    ]


def test_a_lock_is_read_without_its_hashes() -> None:
    assert environments.parse("six==1.17.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n") == [
        "six==1.17.0"
    ]


@pytest.mark.parametrize("line", ["-r other.txt", "--index-url https://host", "-e ."])
def test_an_option_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(environments.Unreadable, match=f"line 2 .*{line}"):
        environments.parse(f"six\n{line}\n")


def test_what_serving_needs_is_what_its_distribution_says() -> None:
    needed = environments.of_serving()
    assert any(line.startswith("uvicorn") for line in needed)
    assert set(needed) <= set(requires("mlstack-serving") or [])
