"""The generated components are those of the spec as it stands."""

from __future__ import annotations

import importlib.util
import inspect
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from mlstack import components
from mlstack.provider import OUTPUTS
from mlstack.spec import KINDS

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools" / "generate_components.py"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_components", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_files_are_not_stale() -> None:
    done = subprocess.run([sys.executable, str(TOOL), "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), "run tools/generate_components.py"


def test_a_stale_file_is_noticed_and_written_anew(tmp_path: Path) -> None:
    for name in ("mlstack/components.py", "mlstack/__init__.pyi"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "tools").mkdir()
    copy = shutil.copy(TOOL, tmp_path / "tools")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)  # ruff's settings
    stale = tmp_path / "mlstack" / "components.py"
    whole = stale.read_text()
    stale.write_text(whole.replace("class Endpoint(", "class Enpoint("))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        # not in the copy's folder, whose "mlstack" is no package
        command = [sys.executable, str(copy), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)

    checked = run("--check")
    assert (checked.returncode, checked.stdout) == (1, "stale: mlstack/components.py\n")
    assert "class Enpoint(" in stale.read_text()
    assert run().stdout == "wrote: mlstack/components.py\n"
    assert stale.read_text() == whole


@pytest.mark.parametrize("kind", KINDS)
def test_a_component_takes_the_fields_of_its_kind_and_has_its_outputs(kind: str) -> None:
    cls = components.BY_KIND[kind]
    parameters = inspect.signature(cls.__init__).parameters
    own_name = "logical_name" if "name" in KINDS[kind].cls.model_fields else "name"
    assert list(parameters)[:2] == ["self", own_name]
    assert set(parameters) - {"self", own_name, "opts"} == set(KINDS[kind].cls.model_fields)
    required = {name for name, field in KINDS[kind].cls.model_fields.items() if field.is_required()}
    assert {name for name in parameters if name not in ("self", own_name)} >= required
    for name in required:
        assert parameters[name].default is inspect.Parameter.empty
    assert set(OUTPUTS[kind]) <= set(cls.__annotations__)


def test_types_are_written_as_a_caller_writes_them(tool: ModuleType) -> None:
    text = tool.components()
    assert "command: str," in text
    assert "environment: str | Component | None = None" in text
    assert "path: pulumi.Input[str] | None = None" in text
    assert "deployments: Mapping[str, spec.Deployment | Mapping[str, Any]]" in text
