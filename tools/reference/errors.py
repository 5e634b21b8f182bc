"""The page of errors: every stable code, and what each exit code means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack import codes, errors
from mlstack.engine.failures import RULES
from mlstack.spec.load import codes as spec_codes

from .markdown import code, table

INTRO = """# Errors by code

An error is three lines: what happened with its code in brackets, where, and what to do. With `--json` it is
`{"error": {"code", "category", "message", "where", "remedy"}}`, or for an invalid spec `{"errors": [...]}`
with the file, line and column of every problem. Codes are stable; messages may change.

"""
GROUPS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("Commands", codes.COMMAND),
    ("Pulumi programs", codes.PROGRAM),
    ("The engine", codes.ENGINE),
    ("The target", codes.TARGET),
    ("The testbed", codes.TESTBED),
    ("Warnings", codes.WARNINGS),
    ("Specs: the file", spec_codes.FILE),
    ("Specs: YAML", spec_codes.YAML),
    ("Specs: shape", spec_codes.SHAPE),
    ("Specs: values", spec_codes.VALUES),
    ("Specs: fields that depend on each other", spec_codes.CHOICES),
    ("Specs: references", spec_codes.GRAPH),
    ("Specs: files and folders", spec_codes.FILES),
)
CATEGORIES = {
    "user": "what was asked for is wrong",
    "quota": "a limit is reached",
    "transient": "the same command may succeed later",
    "permission": "not allowed",
    "conflict": "something else is in the way",
    "engine": "the Pulumi engine failed or is not there",
    "bug": "mlstack itself is wrong",
}


def page() -> str:
    return INTRO + "\n".join(_sections())


def explained() -> dict[str, str]:
    return {name: text for _, group in GROUPS for name, text in group.items()}


def exit_codes() -> str:
    """The table of exit codes, from the tree of errors."""
    rows: dict[int, str] = {0: "Done."}
    for error in (errors.MlstackError, *errors.MlstackError.__subclasses__()):
        if error.exit_code != 1:
            rows.setdefault(error.exit_code, (error.__doc__ or "").split(".")[0] + ".")
    rows[1] = "Failed: in the target, in the engine, or by a bug."
    rows[130] = "Interrupted by Ctrl-C."
    return table(("Exit code", ""), [(str(number), rows[number]) for number in sorted(rows)])


def _sections() -> Iterator[str]:
    yield exit_codes()
    yield table(("Category", ""), [(code(name), text) for name, text in CATEGORIES.items()])
    remedies = {rule.code: rule.remedy for rule in RULES}
    for title, group in GROUPS:
        yield f"## {title}\n"
        for name, text in group.items():
            yield f"### {name}\n"
            yield f"{text}{_remedy(name, text, remedies)}\n"


def _remedy(name: str, text: str, remedies: Mapping[str, str]) -> str:
    if name not in remedies or name == "locked":
        return ""
    remedy = remedies[name]
    return "" if remedy.split()[0] in text and remedy in text else f" Remedy: {remedy}."
