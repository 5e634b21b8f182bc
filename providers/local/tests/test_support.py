"""What the local target refuses: all of it at once, each with the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

import mlstack as ml
from mlstack.errors import Problem
from mlstack.registry import provider
from mlstack.spec import KINDS
from mlstack.support import gaps


def refused(folder: Path, text: str) -> dict[str, Problem]:
    (folder / "mlstack.yaml").write_text(f"version: 1\nname: x\n{text}")
    found = {
        problem.path: problem for problem in gaps(provider("local"), ml.Stack.load(folder / "mlstack.yaml"))
    }
    assert all(problem.remedy for problem in found.values()), found
    assert all(problem.line for problem in found.values()), found
    return found


def test_every_kind_is_built_or_refused() -> None:
    local = provider("local")
    whole = {path for path in local.unsupported if "." not in path and "=" not in path}
    assert {*local.builders} | (whole & {*KINDS}) == {*KINDS}
    assert not {*local.builders} & whole


@pytest.mark.parametrize(
    ("columns", "path", "told", "remedy"),
    [
        ("label: tagret", "data.d.columns.label", "no column 'tagret'", "did you mean 'target'?"),
        ("features: [x, z]", "data.d.columns.features.1", "no column 'z'", "it has: x, target"),
    ],
)
def test_a_column_that_the_table_lacks(
    tmp_path: Path, columns: str, path: str, told: str, remedy: str
) -> None:
    (tmp_path / "t.csv").write_text("x,target\n1,2\n")
    found = refused(tmp_path, f"data: {{d: {{path: t.csv, columns: {{{columns}}}}}}}")
    assert list(found) == [path]
    assert told in found[path].message
    assert found[path].remedy == remedy


def test_columns_of_what_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "t.txt").touch()
    (tmp_path / "t.csv").touch()
    text = "data: {d: {path: t.txt, columns: {label: x}}, e: {path: t.csv, columns: {label: x}}}"
    found = refused(tmp_path, text)
    assert "t.txt is no table" in found["data.d.columns"].message
    assert "t.csv: is empty" in found["data.e.path"].message


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("workspace: {name: w}", "workspace"),
        ("budget: {amount: 5, currency: EUR}", "budget"),
        ("policies: [approved-regions]", "policies"),
        ("security: strict", "security"),
        ("compute: {c: {cluster: {type: aks}}}", "compute.c.cluster"),
        ("compute: {c: {existing: gpu}}", "compute.c.existing"),
        ("secrets: {s: {vault: a#b}}", "secrets.s.vault"),
        ("secrets: {s: {keyvault: a}}", "secrets.s.keyvault"),
        ("environments: {e: {image: python}}", "environments.e.image"),
        ("environments: {e: {conda: environment.yml}}", "environments.e.conda"),
        ("environments: {e: {setup: [make, apt-get install -y gcc]}}", "environments.e.setup.1"),
        ('environments: {e: {setup: ["cd /tmp && A=b sudo make"]}}', "environments.e.setup.0"),
        ('environments: {e: {packages: ["--pre"]}}', "environments.e.packages.0"),
        ("environments: {e: {requirements: options.txt}}", "environments.e.requirements"),
        ('data: {d: {path: "s4://bucket/x", type: file}}', "data.d.path"),
        ('data: {d: {path: "s3://id:key@bucket/x"}}', "data.d.path"),
        ("data: {d: {existing: x, type: file}}", "data.d.existing"),
        ('jobs: {j: {command: x, outputs: {o: {path: "s3://b/o"}}}}', "jobs.j.outputs.o.path"),
        ("models: {m: {hub: org/name/more}}", "models.m.hub"),
        ("models: {m: {hub: 'https://huggingface.co/org/name'}}", "models.m.hub"),
        (
            "endpoints: {e: {deployments: {d: {model: {hub: org}, traffic: 100}, x: {model: {hub: ' '}}}}}",
            "endpoints.e.deployments.x.model.hub",
        ),
        ('models: {m: {registry: "azureml:n:3"}}', "models.m.registry"),
        ('models: {m: {path: "https://host/m?sig=x"}}', "models.m.path"),
    ],
)
def test_a_refusal_says_where_and_what_to_do(tmp_path: Path, text: str, path: str) -> None:
    (tmp_path / "options.txt").write_text("six\n-r more.txt\n")
    (tmp_path / "environment.yml").write_text("dependencies: [python=3.11, cudatoolkit]\n")
    assert list(refused(tmp_path, text)) == [path]


def test_what_does_no_harm_is_let_through(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("six\n")
    (tmp_path / "c.yml").write_text("dependencies: [python=3.11, six]\n")
    text = (
        "region: here\ntags: {a: b}\nsecurity: standard\ncompute: {c: {existing: auto}}\n"
        "environments: {e: {requirements: r.txt, keep: 3, setup: ['make -C x']}, c: {conda: c.yml}}\n"
        "secrets: {s: {env: HOME}}\n"
        "jobs: {j: {command: x, nodes: 2, processes: 4}}\n"
        "data: {d: {path: 's3://bucket/x/', columns: {label: y}}}\nmodels: {m: {path: 'gs://bucket/m/'}}\n"
        "endpoints: {e: {deployments: {d: {model: {path: 'gs://bucket/m/', flavor: onnx}, traffic: 100}}},\n"
        "  h: {deployments: {d: {model: {hub: org/name.v1, revision: refs/pr/1}, traffic: 100}}}}\n"
    )
    assert refused(tmp_path, text) == {}


def test_all_at_once(tmp_path: Path) -> None:
    text = 'workspace: {name: w}\nmodels: {m: {registry: "azureml:n:3"}}\nenvironments: {e: {image: x}}\n'
    assert set(refused(tmp_path, text)) == {"workspace", "models.m.registry", "environments.e.image"}


WATCHED = """
data: {d: {path: rows.csv, type: file}}
environments: {e: {packages: [scikit-learn]}, f: {packages: [scikit-learn, "shap==0.48"]}}
endpoints:
  plain: {deployments: {main: {model: {path: m}, environment: e}}}
  kept: {deployments: {main: {model: {path: m}, environment: e, capture: {}}}}
  told: {deployments: {main: {model: {path: m}, environment: f, capture: {}}}}
  nightly: {type: batch, deployments: {main: {model: {path: m}, environment: e}}}
"""


@pytest.mark.parametrize(
    ("monitor", "path"),
    [
        ("{endpoint: plain, signal: data-drift, baseline: data.d, threshold: 1}", "monitors.m.endpoint"),
        ("{endpoint: kept, signal: data-drift, baseline: data.d, threshold: 1}", None),
        ("{endpoint: plain, signal: latency, threshold: 1s}", None),
        ("{endpoint: nightly, signal: errors, threshold: 5%}", "monitors.m.endpoint"),
        ("{endpoint: kept, signal: cost, threshold: 5 EUR}", "monitors.m.signal"),
        (
            "{endpoint: kept, signal: feature-attribution, baseline: data.d, threshold: 0.9}",
            "monitors.m.signal",
        ),
        ("{endpoint: told, signal: feature-attribution, baseline: data.d, threshold: 0.9}", None),
        ("{endpoint: plain, signal: errors, threshold: 1%, every: 1h, window: 5m}", "monitors.m.window"),
        (
            "{endpoint: kept, signal: custom, threshold: 1, code: {dir: lost, script: a.py}}",
            "monitors.m.code.dir",
        ),
    ],
)
def test_what_a_monitor_needs_is_there(tmp_path: Path, monitor: str, path: str | None) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "model.joblib").write_text("")
    (tmp_path / "rows.csv").write_text("x\n1\n")
    found = [
        each for each in refused(tmp_path, f"{WATCHED}monitors: {{m: {monitor}}}") if "nightly" not in each
    ]
    assert found == ([path] if path else [])


def test_the_password_of_the_mail_server_is_a_secret_of_the_stack(tmp_path: Path) -> None:
    text = "settings: {local: {smtp: {host: mail, password: smtp}}}\n"
    assert list(refused(tmp_path, text)) == ["settings.local.smtp.password"]
    assert refused(tmp_path, f"{text}secrets: {{smtp: {{env: SMTP}}}}\n") == {}
