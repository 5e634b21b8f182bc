"""`run.sh`, run by a real shell over folders laid out as SageMaker lays them out in a container."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import pytest
from mlstack_aws.work import variable

from mlstack.lowering.shell import by_variables

_CONTAINER = files("mlstack_aws.container")


class Container:
    """``ml`` stands for /opt/ml. ``channels`` is where inputs are, ``out`` where outputs go."""

    def __init__(self, ml: Path, processing: bool = False) -> None:
        self.ml = ml
        self.channels = ml / ("processing/input" if processing else "input/data")
        self.out = ml / ("processing/output" if processing else "model")
        self.config = ml / ("config" if processing else "input/config")
        self.put("mlstack/inputs", "")
        self.put("mlstack/outputs", "")
        for name in ("run.sh", "fetch_secrets.py"):
            self.put(f"mlstack/{name}", _CONTAINER.joinpath(name).read_text())

    def put(self, name: str, text: str) -> Path:
        path = self.channels / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def machines(self, current: str, *hosts: str) -> None:
        self.config.mkdir(parents=True)
        groups = [{"instance_group_name": "homogeneousCluster", "hosts": list(hosts)}]
        told = {"current_host": current, "hosts": list(hosts), "instance_groups": groups}
        (self.config / "resourceconfig.json").write_text(json.dumps(told, indent=1))

    def run(self, command: str, **env: str) -> subprocess.CompletedProcess[str]:
        self.put("mlstack/command", by_variables(command, variable) + "\n")
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return subprocess.run(
            ["/bin/sh", str(self.channels / "mlstack/run.sh")],
            env={"PATH": path, "TMPDIR": str(self.ml), **env},
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture(params=[False, True], ids=["training", "processing"])
def container(request: pytest.FixtureRequest, tmp_path: Path) -> Container:
    return Container(tmp_path / "opt/ml", request.param)


def test_placeholders_become_paths_and_values_in_any_quotes(container: Container) -> None:
    container.put("mlstack/inputs", "rows file\nmore folder\nc value\nodd-one value\n")
    container.put("mlstack/outputs", "net folder\nfigures file\n")
    container.put("rows/digits 1.csv", "x\n1\n")
    container.put("more/a.csv", "")
    done = container.run(
        "cat '${{inputs.rows}}'\nls ${{inputs.more}}; wc -l < ${{ inputs.rows }}\n"
        "echo \"${{inputs.c}}\" '${{inputs.odd-one}}'\n"
        "echo w > ${{outputs.net}}/w; echo 1 > ${{outputs.figures}}",
        MLSTACK_INPUT_c="1.0",
        MLSTACK_INPUT_odd_one=r"a|b & \c",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["x", "1", "a.csv", "2", r"1.0 a|b & \c"]
    assert (container.out / "net/w").read_text() == "w\n"
    assert (container.out / "figures/figures").read_text() == "1\n"


def test_it_runs_in_a_copy_of_the_code(container: Container) -> None:
    container.put("mlstack-code/train.py", "open('made', 'w'); print('trained')")
    done = container.run("python train.py && ls")
    assert done.stdout.split() == ["trained", "made", "train.py"], done.stderr
    assert not (container.channels / "mlstack-code/made").exists()


def test_an_output_of_its_own_place_is_the_checkpoints(tmp_path: Path) -> None:
    container = Container(tmp_path)
    container.put("mlstack/outputs", "net own\n")
    assert container.run("echo w > ${{outputs.net}}/w").returncode == 0
    assert (tmp_path / "checkpoints/w").read_text() == "w\n"


def test_a_packed_model_is_a_folder(container: Container) -> None:
    container.put("mlstack/inputs", "model model\n")
    weights = container.put("weights", "w")
    (container.channels / "model").mkdir()
    with tarfile.open(container.channels / "model/model.tar.gz", "w:gz") as archive:
        archive.add(weights, "model.joblib")
    assert container.run("cat ${{inputs.model}}/model.joblib").stdout == "w"


@pytest.mark.parametrize(
    ("current", "hosts", "told"),
    [
        (None, (), "0 0 1 127.0.0.1"),
        ("algo-1", ("algo-1",), "0 0 1 127.0.0.1"),
        ("algo-2", ("algo-1", "algo-2"), "1 1 2 algo-1"),
        ("algo-10", tuple(f"algo-{n}" for n in range(1, 12)), "9 9 11 algo-1"),
    ],
)
def test_torchruns_variables(
    container: Container, current: str | None, hosts: tuple[str, ...], told: str
) -> None:
    if current is not None:
        container.machines(current, *hosts)
    assert container.run("echo $RANK $NODE_RANK $WORLD_SIZE $MASTER_ADDR").stdout == f"{told}\n"


def test_several_processes(container: Container) -> None:
    container.machines("algo-2", "algo-1", "algo-2")
    done = container.run("echo $RANK $LOCAL_RANK $WORLD_SIZE $LOCAL_WORLD_SIZE", MLSTACK_PROCESSES="2")
    assert (done.returncode, sorted(done.stdout.splitlines())) == (0, ["2 0 4 2", "3 1 4 2"])


def test_a_process_that_fails_ends_the_others(container: Container) -> None:
    done = container.run("if [ $RANK = 1 ]; then exit 9; fi; exec sleep 50", MLSTACK_PROCESSES="3")
    assert done.returncode == 9


def test_the_commands_own_failure_is_the_jobs(container: Container) -> None:
    assert container.run("exit 3").returncode == 3


def test_an_input_without_a_file_is_told(container: Container) -> None:
    container.put("mlstack/inputs", "rows file\n")
    (container.channels / "rows").mkdir()
    done = container.run("true")
    assert (done.returncode, done.stderr) == (70, "mlstack: the input rows has no file\n")


@pytest.mark.parametrize(
    ("held", "status"), [({"ok": "it's a c4n4ry"}, 0), ({}, 1)], ids=["there", "not there"]
)
def test_secrets(tmp_path: Path, moto: str, held: Mapping[str, str], status: int) -> None:
    import boto3

    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "eu-west-1"}
    store = boto3.client("secretsmanager", endpoint_url=moto, **keys)
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:none-abcdef"
    for name, value in held.items():
        arn = store.create_secret(Name=name, SecretString=value)["ARN"]
    done = Container(tmp_path).run(
        'echo "$TOKEN"',
        MLSTACK_SECRET_TOKEN=arn,
        MLSTACK_PAUSE="0",
        AWS_ENDPOINT_URL_SECRETS_MANAGER=f"{moto}/",
        AWS_ACCESS_KEY_ID="a",
        AWS_SECRET_ACCESS_KEY="b",
    )
    assert done.returncode == status, done.stderr
    assert done.stdout == "".join(f"{value}\n" for value in held.values())
