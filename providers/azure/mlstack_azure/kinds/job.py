"""A job on Azure ML: a command job, submitted by our own resource."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi

from mlstack.gap import GapResource
from mlstack.provider import Build
from mlstack.spec import Value, is_deferred
from mlstack.spec.machine import Machine
from mlstack_azure import injection
from mlstack_azure.assets import compute_id, data_id, environment_id, model_id, secret_uri
from mlstack_azure.code import code_version
from mlstack_azure.durations import iso
from mlstack_azure.literals import literal
from mlstack_azure.names import physical
from mlstack_azure.place import place
from mlstack_azure.wire import body

if TYPE_CHECKING:
    from pulumi_azure_native import machinelearningservices as ml

    from mlstack.spec import Job

#: What a job without an environment runs in: the base that Azure ML builds its own environments on, with a
#: bare Python. https://github.com/Azure/AzureML-Containers
BARE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:20250601.v1"

_SHARED = "azure.jobs.bare"


def build(build: Build) -> Mapping[str, Any]:
    spec: Job = build.spec
    if spec.retries and not build.consumed:
        build.warn(
            "retries",
            "Azure ML does not try a command again by itself. `up` does, while it waits, and it waits only "
            "for a job that something needs: the next `up` tries a failed one again",
        )
    arguments = command(build, spec)
    if (native := getattr(build, "native", None)) is not None:
        from pulumi_azure_native import machinelearningservices as ml

        arguments = native.merged(ml.Job, (), {"properties": arguments}, True)["properties"]
    here = place(build)
    job = GapResource(
        "mlstack:azure:Job",
        build.child(),
        {
            "stack_uid": build.stack_uid,
            "name": build.name,
            "workspace_id": here.workspace_id,
            "properties": _lean(body(arguments)),
            "wait": build.consumed,
            "retries": spec.retries,
            **({"nonce": str(time.time_ns())} if spec.rerun == "always" else {}),
        },
        outputs=("fingerprint", "run", "job_id", "status", "outputs", "studio_url"),
        opts=build.opts(
            depends_on=list(here.resources),
            ignore_changes=["properties", "nonce"] if spec.rerun == "never" else None,
        ),
    )
    return {"id": job.output("job_id"), "status": job.output("status"), "outputs": job.output("outputs")}


def command(build: Build, spec: Job, *suffixes: str) -> ml.CommandJobArgs:
    """The command job of a spec, as the SDK's typed inputs; nothing is submitted.

    For the job itself, and for what runs it by schedule or in a pipeline. Its code is made below
    ``build.parent``; ``suffixes`` tell several jobs of one parent apart.
    """
    from pulumi_azure_native import machinelearningservices as ml

    here = place(build)
    text = spec.command
    variables: dict[str, Any] = dict(spec.env)
    if spec.secrets:
        text = injection.command(text)
        for name, secret in spec.secrets.items():
            variables[injection.variable(name)] = secret_uri(build, secret)
    return ml.CommandJobArgs(
        job_type="Command",
        display_name=build.name,
        experiment_name=pulumi.get_project(),
        command=text,
        code_id=code_version(build, spec.code, *suffixes) if spec.code is not None else None,
        environment_id=environment_id(build, spec.environment) if spec.environment else _bare(build),
        compute_id=compute_id(build, spec.compute) if spec.compute else None,
        resources=_resources(build, spec),
        distribution=_distribution(spec),
        identity=_identity(build, spec, here.identity_client_id),
        inputs={name: _input(build, given) for name, given in spec.inputs.items()} or None,
        outputs={name: _output(output) for name, output in spec.outputs.items()} or None,
        environment_variables=variables or None,
        limits=None
        if spec.timeout is None
        else ml.CommandJobLimitsArgs(job_limits_type="Command", timeout=iso(float(spec.timeout))),
        is_archived=False,
        tags=_tags(build, spec),
    )


def _lean(properties: dict[str, Any]) -> dict[str, Any]:
    """The body without what the SDK fills in though nobody asked: the platform's own defaults."""
    kept = dict(properties)
    for key, default in (("inputs", "ReadOnlyMount"), ("outputs", "ReadWriteMount")):
        if key in kept:
            kept[key] = {name: _except(each, "mode", default) for name, each in kept[key].items()}
    if "resources" in kept:
        kept["resources"] = _except(kept["resources"], "shmSize", "2g")
    return kept


def _except(held: dict[str, Any], key: str, default: str) -> dict[str, Any]:
    return {name: value for name, value in held.items() if (name, value) != (key, default)}


def _tags(build: Build, spec: Job) -> dict[str, Any]:
    return {**build.stackwide.tags, **spec.tags}


def _resources(build: Build, spec: Job) -> ml.JobResourceConfigurationArgs | None:
    from pulumi_azure_native import machinelearningservices as ml

    if spec.compute is None:  # serverless: Azure ML takes a machine for the time of the run
        machine = build.instance(Machine())
        return ml.JobResourceConfigurationArgs(instance_count=spec.nodes, instance_type=machine)
    return ml.JobResourceConfigurationArgs(instance_count=spec.nodes) if spec.nodes > 1 else None


def _distribution(spec: Job) -> ml.PyTorchArgs | None:
    """Azure ML's PyTorch distribution sets torchrun's variables, whatever the command does with them."""
    from pulumi_azure_native import machinelearningservices as ml

    if spec.nodes == 1 and spec.processes == 1:
        return None
    return ml.PyTorchArgs(distribution_type="PyTorch", process_count_per_instance=spec.processes)


def _identity(build: Build, spec: Job, client: pulumi.Input[str] | None) -> ml.ManagedIdentityArgs | None:
    """The stack's identity, where the machine has it: one that exists already need not, and is asked to only
    where a secret has to be fetched."""
    from pulumi_azure_native import machinelearningservices as ml

    pool = build.spec_of("compute", spec.compute) if spec.compute else None
    ours = pool is None or pool.existing is None
    if client is None or not (ours or spec.secrets):
        return None
    return ml.ManagedIdentityArgs(identity_type="Managed", client_id=client)


def _input(build: Build, given: str | Value) -> Any:
    from pulumi_azure_native import machinelearningservices as ml

    if isinstance(given, Value):
        held = given.value
        value = pulumi.Output.from_input(held).apply(literal) if is_deferred(held) else literal(held)
        return ml.LiteralJobInputArgs(job_input_type="literal", value=value)
    kind, name, *rest = given.split(".")
    if kind == "models":
        if _is_mlflow(build, name):
            return ml.MLFlowModelJobInputArgs(job_input_type="mlflow_model", uri=model_id(build, name))
        return ml.CustomModelJobInputArgs(job_input_type="custom_model", uri=model_id(build, name))
    if kind == "data":
        is_file, uri = _is_file(build, name), data_id(build, name)
    else:
        is_file = build.spec_of("jobs", name).outputs[rest[0]].type == "file"
        uri = build.outputs("jobs", name)["outputs"][rest[0]]["uri"]
    if is_file:
        return ml.UriFileJobInputArgs(job_input_type="uri_file", uri=uri)
    return ml.UriFolderJobInputArgs(job_input_type="uri_folder", uri=uri)


def _output(output: Any) -> Any:
    from pulumi_azure_native import machinelearningservices as ml

    if output.type == "file":
        return ml.UriFileJobOutputArgs(job_output_type="uri_file", uri=output.path)
    return ml.UriFolderJobOutputArgs(job_output_type="uri_folder", uri=output.path)


def _is_file(build: Build, name: str) -> bool:
    """Whether data is one file: as the spec says, else as what is at the path is."""
    spec = build.spec_of("data", name)
    if spec.type is not None:
        return bool(spec.type == "file")
    path = spec.path
    if not isinstance(path, str):
        return False
    return not path.endswith("/") if "://" in path else (build.root / path).is_file()


def _is_mlflow(build: Build, name: str) -> bool:
    spec = build.spec_of("models", name)
    if spec.flavor is not None:
        return bool(spec.flavor == "mlflow")
    return isinstance(spec.path, str) and (build.root / spec.path / "MLmodel").is_file()


def _bare(build: Build) -> pulumi.Output[str]:
    """An environment with a bare Python, one for all jobs of the program that name none."""
    from pulumi_azure_native import machinelearningservices as ml

    if _SHARED not in build.shared:
        here = place(build)
        container = build.make(
            ml.EnvironmentContainer,
            "bare",
            name=physical(build, "bare", longest=200),
            resource_group_name=here.resource_group,
            workspace_name=here.workspace,
            properties=ml.EnvironmentContainerPropertiesArgs(tags={"mlstack-stack": build.stack_uid}),
        )
        build.shared[_SHARED] = build.make(
            ml.EnvironmentVersion,
            "bare",
            name=container.name,
            version=BARE.rpartition(":")[2],
            resource_group_name=here.resource_group,
            workspace_name=here.workspace,
            properties=ml.EnvironmentVersionPropertiesArgs(
                image=BARE, os_type="Linux", tags={"mlstack-stack": build.stack_uid}
            ),
        ).id
    found: pulumi.Output[str] = build.shared[_SHARED]
    return found
