"""What a command imports: the chosen target alone, of its SDK the modules that the stack needs, and of Pulumi
nothing where no engine is asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.project import copy_example

#: The command in a process of its own, which writes down the modules that came by it. An SDK's module that is
#: only named lies there as an empty one: what is in it tells that it was really imported. (Some distributions
#: name their packages whenever Python starts.)
PROGRAM = """\
import sys
before = set(sys.modules)
from mlstack.cli.app import run
code = run(sys.argv[2:])
open(sys.argv[1], "w").write("\\n".join(sys.modules.keys() - before))
sys.exit(code)
"""
AZURE = ("--cloud", "azure", "--set", "region=westeurope")
GCP = ("--cloud", "gcp", "--set", "region=europe-west4")
AWS = ("--cloud", "aws", "--set", "region=eu-west-1")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_example(tmp_path_factory.mktemp("imports"))


def imported(root: Path, *arguments: str) -> set[str]:
    names = root.parent / "names"
    command = [sys.executable, "-c", PROGRAM, str(names), *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return set(names.read_text().split())


def packages(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


SDKS = {
    "pulumi_azure_native",
    "pulumi_aws",
    "pulumi_gcp",
    "pulumi_kubernetes",
    "azure",
    "boto3",
    "google.cloud",
}


@pytest.mark.parametrize(
    ("arguments", "target", "unwanted"),
    [
        (("--help",), set(), {"pulumi", "grpc", "pydantic", "ruamel"}),
        (("validate",), {"mlstack_local"}, {"pulumi", "grpc", "numpy"}),
        (("status",), {"mlstack_local"}, {"pulumi", "grpc", "numpy"}),
        (("outputs",), {"mlstack_local"}, {"pulumi", "grpc", "numpy"}),
        (("validate", *AZURE), {"mlstack_azure"}, {"pulumi", "grpc", "numpy"}),
        (("status", *AZURE), {"mlstack_azure"}, {"pulumi", "grpc", "numpy"}),
        (("validate", *AWS), {"mlstack_aws"}, {"pulumi", "grpc", "numpy", "moto"}),
        (("status", *AWS), {"mlstack_aws"}, {"pulumi", "grpc", "numpy", "moto"}),
        (("validate", *GCP), {"mlstack_gcp"}, {"pulumi", "grpc", "numpy", "google.auth"}),
        (("status", *GCP), {"mlstack_gcp"}, {"pulumi", "grpc", "numpy", "google.auth"}),
    ],
)
def test_what_needs_no_engine_imports_none(
    root: Path, arguments: tuple[str, ...], target: set[str], unwanted: set[str]
) -> None:
    modules = imported(root, *arguments)
    assert not modules & (unwanted | SDKS)
    assert {name for name in packages(modules) if name.startswith("mlstack_")} - {"mlstack_serving"} == target


@pytest.mark.engine
def test_a_preview_imports_of_the_sdk_what_the_stack_needs(root: Path) -> None:
    modules = imported(root, "preview", "--rehearse", *AZURE, "--json")
    assert "mlstack_local" not in packages(modules)
    assert packages(modules) & SDKS <= {"pulumi_azure_native", "azure"}
    package, depth = "pulumi_azure_native", 3
    parts = [name.split(".") for name in modules if name.startswith(f"{package}.")]
    assert {path[1] for path in parts if len(path) >= depth} == {
        "applicationinsights",
        "authorization",
        "containerregistry",
        "keyvault",
        "machinelearningservices",
        "managedidentity",
        "operationalinsights",
        "resources",
        "storage",
    }
