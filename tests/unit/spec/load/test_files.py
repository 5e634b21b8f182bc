"""The files that a spec names."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlstack.spec.load.compose import compose
from mlstack.spec.load.files import problems
from mlstack.spec.source import Source


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "score.py").touch()
    (tmp_path / "data.csv").touch()
    (tmp_path / "requirements.txt").touch()
    return tmp_path


def check(folder: Path, text: str) -> list[tuple[str, str, int | None, int | None]]:
    tree, found = compose(text, "mlstack.yaml")
    assert found == []
    return [(p.code, p.path, p.line, p.column) for p in problems(Source(tree, folder))]


def test_what_is_there_is_fine(folder: Path) -> None:
    text = f"""\
data:
  a: {{path: data.csv, type: file}}
  b: {{path: ./src, type: folder}}
  c: {{path: src}}
  d: {{path: "s3://bucket/none"}}
  e: {{path: "{folder}/data.csv"}}
  f: {{path: ../{folder.name}/data.csv}}
jobs: {{t: {{code: ./src}}}}
environments:
  r: {{requirements: requirements.txt}}
  c: {{conda: {{dependencies: [x]}}}}
models: {{m: {{path: src}}, n: {{path: data.csv}}, h: {{hub: a/b}}}}
endpoints: {{e: {{deployments: {{d: {{model: m, code: {{dir: src, script: score.py}}}}}}}}}}
"""
    assert check(folder, text) == []


def test_what_is_missing_is_named_with_its_place(folder: Path) -> None:
    text = """\
data:
  a: {path: nope.csv}
jobs:
  t: {code: ./srcs}
environments:
  e: {requirements: r.txt}
  f: {conda: c.yaml}
  g: {dockerfile: D}
models:
  m: {path: gone}
endpoints:
  e:
    deployments:
      x: {model: {path: gone}, code: {dir: nodir, script: s.py}}
      y: {model: m, code: {dir: src, script: s.py}}
"""
    assert sorted(check(folder, text)) == [
        ("missing-path", "data.a.path", 2, 13),
        ("missing-path", "endpoints.e.deployments.x.code.dir", 14, 44),
        ("missing-path", "endpoints.e.deployments.x.model.path", 14, 25),
        ("missing-path", "endpoints.e.deployments.y.code.script", 15, 46),
        ("missing-path", "environments.e.requirements", 6, 21),
        ("missing-path", "environments.f.conda", 7, 14),
        ("missing-path", "environments.g.dockerfile", 8, 19),
        ("missing-path", "jobs.t.code", 4, 13),
        ("missing-path", "models.m.path", 10, 13),
    ]


def test_a_near_name_is_suggested(folder: Path) -> None:
    tree, _ = compose("jobs: {t: {code: ./srcs}}", "f")
    (problem,) = problems(Source(tree, folder))
    assert str(problem.remedy).startswith("did you mean 'src'?")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("data: {a: {path: src, type: file}}", "data.a.path"),
        ("data: {a: {path: data.csv, type: folder}}", "data.a.path"),
        ("jobs: {t: {code: data.csv}}", "jobs.t.code"),
        ("environments: {e: {requirements: src}}", "environments.e.requirements"),
        ("endpoints: {e: {deployments: {d: {code: {dir: data.csv}}}}}", "endpoints.e.deployments.d.code.dir"),
        (
            "endpoints: {e: {deployments: {d: {code: {dir: ., script: src}}}}}",
            "endpoints.e.deployments.d.code.script",
        ),
    ],
)
def test_a_folder_is_no_file(folder: Path, text: str, path: str) -> None:
    assert [(code, where) for code, where, _, _ in check(folder, text)] == [("wrong-path-type", path)]


@pytest.mark.parametrize("value", ['"a\\0b"', "x" * 5000, '"/dev/null/x"', '"\\uD83D"'])
def test_a_path_that_cannot_be(folder: Path, value: str) -> None:
    tree, _ = compose(f"data: {{a: {{path: {value}}}}}", "f")
    assert [p.code for p in problems(Source(tree, folder))] == ["missing-path"]


@pytest.mark.parametrize(
    "text", ["data: [a]", "data: {a: {path: 3}}", "data: {a: b}", "data: {a: {path: ''}}", "x: 1"]
)
def test_other_shapes_are_the_models_business(folder: Path, text: str) -> None:
    assert check(folder, text) == []
