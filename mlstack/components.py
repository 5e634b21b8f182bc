"""The components of a Pulumi program, typed: one class for each kind of the spec.

Generated from `mlstack.spec` by tools/generate_components.py; a test finds a stale copy.
"""

# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import pulumi

from mlstack import spec
from mlstack.component import Component, given


class Workspace(Component):
    """The target's own frame for a project, with its storage, its registry and its identity.

    Arguments:
        tags: Labels put on the resource, beside the stack's own tags and stronger than they are. Left out: the stack's tags alone.
        native: Per cloud, what is merged into the inputs of the provider's own resource: maps merge, lists replace, null removes. Left out: nothing is added.
        name: Its name on the target. Left out: made from the stack's name.
        existing: Name of a workspace that is there: it is used, never created, changed or deleted. `auto`: a viable one if there is one, else it is created. Left out: created.
        network: Whether it can be reached from the internet. Left out: public, or private with `security: strict`.
        storage: Id of a storage account or bucket to use. Left out: one is created.
        registry: Id of a container registry to use. Left out: one is created when it is needed.
        identity: Id of the identity or role that work runs as. Left out: one is created.
        encryption_key: Id of a key of your own that data is encrypted with; needed with `security: strict`. Left out: the target's own key.

    Outputs: id.
    """

    kind: ClassVar[str] = "workspace"
    id: pulumi.Output[Any]

    def __init__(
        self,
        logical_name: str,
        *,
        tags: Mapping[str, pulumi.Input[str]] | None = None,
        native: Mapping[str, Mapping[str, Any]] | None = None,
        name: pulumi.Input[str] | None = None,
        existing: pulumi.Input[str] | None = None,
        network: Literal["public", "private"] | None = None,
        storage: pulumi.Input[str] | None = None,
        registry: pulumi.Input[str] | None = None,
        identity: pulumi.Input[str] | None = None,
        encryption_key: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            logical_name,
            given(
                spec.Workspace,
                f"workspace.{logical_name}",
                tags=tags,
                native=native,
                name=name,
                existing=existing,
                network=network,
                storage=storage,
                registry=registry,
                identity=identity,
                encryption_key=encryption_key,
            ),
            opts,
        )


class Compute(Component):
    """A pool of machines for jobs and batch deployments, or an attached cluster.

    Arguments:
        min: Machines that are kept even when nothing runs. Left out: 0.
        max: Machines at most. Left out: as many as `min`, and at least 1.
        size: A size that every target translates into a machine of its own. Left out, with no `instance` and no requirement: cpu-s.
        instance: The target's own name of a machine type, such as Standard_D4s_v3. Left out: `size` or the requirements choose.
        cpus: Processors that are needed at least; the cheapest machine that fits is taken. Left out: no requirement.
        memory: Memory that is needed at least, in GiB or with a unit (512Mi, 16GB). Left out: no requirement.
        gpu: Accelerators that are needed: the type and how many, such as "a100-80:1". Left out: none.
        disk: Disk that is needed at least, in GiB or with a unit. Left out: what the machine comes with.
        tags: Labels put on the resource, beside the stack's own tags and stronger than they are. Left out: the stack's tags alone.
        native: Per cloud, what is merged into the inputs of the provider's own resource: maps merge, lists replace, null removes. Left out: nothing is added.
        existing: Name of a pool that is there: it is used, never created, changed or deleted. `auto`: a viable one if there is one, else it is created. Left out: created.
        cluster: The pool is a cluster, created or attached. Left out: a pool of machines.
        spot: Whether to take spare machines that are cheaper and may be taken away. Left out: false.
        idle: How long a machine may have nothing to do before it is given back. Left out: what the target does by itself.
        max_price: The most that one machine may cost per hour, such as 5 USD. Left out: no limit.

    Outputs: id, instance, kubeconfig.
    """

    kind: ClassVar[str] = "compute"
    id: pulumi.Output[Any]
    instance: pulumi.Output[Any]
    kubeconfig: pulumi.Output[Any]

    def __init__(
        self,
        name: str,
        *,
        min: int | None = None,
        max: int | None = None,
        size: Literal["cpu-s", "cpu-m", "cpu-l", "gpu-t4", "gpu-l4", "gpu-a10", "gpu-a100", "gpu-h100"]
        | None = None,
        instance: pulumi.Input[str] | None = None,
        cpus: float | None = None,
        memory: float | str | None = None,
        gpu: str | None = None,
        disk: float | str | None = None,
        tags: Mapping[str, pulumi.Input[str]] | None = None,
        native: Mapping[str, Mapping[str, Any]] | None = None,
        existing: pulumi.Input[str] | None = None,
        cluster: spec.Cluster | Mapping[str, Any] | None = None,
        spot: bool | None = None,
        idle: str | None = None,
        max_price: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            name,
            given(
                spec.Compute,
                f"compute.{name}",
                min=min,
                max=max,
                size=size,
                instance=instance,
                cpus=cpus,
                memory=memory,
                gpu=gpu,
                disk=disk,
                tags=tags,
                native=native,
                existing=existing,
                cluster=cluster,
                spot=spot,
                idle=idle,
                max_price=max_price,
            ),
            opts,
        )


class Environment(Component):
    """Python packages, an image, or a recipe for one; resolved once into an exact lock.

    Arguments:
        tags: Labels put on the resource, beside the stack's own tags and stronger than they are. Left out: the stack's tags alone.
        native: Per cloud, what is merged into the inputs of the provider's own resource: maps merge, lists replace, null removes. Left out: nothing is added.
        existing: Name or id of an environment that the target has: used as it is. Left out: it is made.
        image: A container image, taken as it is. Left out: made from the packages.
        dockerfile: Path of a Dockerfile, built with its folder as the context. Left out: one is generated.
        conda: Path of a conda environment file. Left out: packages come from PyPI alone.
        requirements: Path of a requirements file. Left out: only `packages` are installed.
        packages: Requirements as pip takes them, such as scikit-learn==1.5.2. Left out: none.
        python: Python version, in quotes: "3.11". Left out: the one that mlstack itself runs on.
        setup: Shell commands that are run before the packages are installed. Left out: none.
        keep: Old versions that are kept though nothing refers to them any more. Left out: 0.

    Outputs: id, image.
    """

    kind: ClassVar[str] = "environments"
    id: pulumi.Output[Any]
    image: pulumi.Output[Any]

    def __init__(
        self,
        name: str,
        *,
        tags: Mapping[str, pulumi.Input[str]] | None = None,
        native: Mapping[str, Mapping[str, Any]] | None = None,
        existing: pulumi.Input[str] | None = None,
        image: pulumi.Input[str] | None = None,
        dockerfile: str | None = None,
        conda: str | None = None,
        requirements: str | None = None,
        packages: Sequence[str] | None = None,
        python: str | None = None,
        setup: Sequence[str] | None = None,
        keep: int | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            name,
            given(
                spec.Environment,
                f"environments.{name}",
                tags=tags,
                native=native,
                existing=existing,
                image=image,
                dockerfile=dockerfile,
                conda=conda,
                requirements=requirements,
                packages=packages,
                python=python,
                setup=setup,
                keep=keep,
            ),
            opts,
        )


class Data(Component):
    """A file or folder that jobs read; its version is the hash of its content.

    Arguments:
        tags: Labels put on the resource, beside the stack's own tags and stronger than they are. Left out: the stack's tags alone.
        native: Per cloud, what is merged into the inputs of the provider's own resource: maps merge, lists replace, null removes. Left out: nothing is added.
        path: A path relative to the spec, or a URI such as s3://bucket/folder/. Left out: `existing` names it.
        existing: Name or id of a data set that the target has: used, never changed or deleted. Left out: made from `path`.
        type: Whether it is one file or a folder of them. Left out: what is at the path; a URI is a folder when it ends with a slash.
        version: The version to record where the content cannot be hashed (a URI). Left out: the first 12 hex digits of the content's hash.
        columns: What the columns of a table mean. Left out: monitors find out by themselves.
        keep: Old versions that are kept though nothing refers to them any more. Left out: 0.

    Outputs: id, uri, version.
    """

    kind: ClassVar[str] = "data"
    id: pulumi.Output[Any]
    uri: pulumi.Output[Any]
    version: pulumi.Output[Any]

    def __init__(
        self,
        name: str,
        *,
        tags: Mapping[str, pulumi.Input[str]] | None = None,
        native: Mapping[str, Mapping[str, Any]] | None = None,
        path: pulumi.Input[str] | None = None,
        existing: pulumi.Input[str] | None = None,
        type: Literal["file", "folder"] | None = None,
        version: str | None = None,
        columns: spec.Columns | Mapping[str, Any] | None = None,
        keep: int | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            name,
            given(
                spec.Data,
                f"data.{name}",
                tags=tags,
                native=native,
                path=path,
                existing=existing,
                type=type,
                version=version,
                columns=columns,
                keep=keep,
            ),
            opts,
        )


class Job(Component):
    """One run of a command. It runs again when its fingerprint has changed.

        ``${{inputs.x}}`` and ``${{outputs.y}}`` in the command stand for the value of a literal and for the path
        of anything else.

    Arguments:
        command: What is run, by the target's shell, with placeholders for inputs and outputs. Required.
        tags: Labels put on the resource, beside the stack's own tags and stronger than they are. Left out: the stack's tags alone.
        native: Per cloud, what is merged into the inputs of the provider's own resource: maps merge, lists replace, null removes. Left out: nothing is added.
        code: Folder, relative to the spec, that the command is run in. Left out: an empty one.
        environment: Name of the environment. Left out: a bare Python.
        compute: Name of the compute. Left out: a machine of the target's own choice (cpu-s).
        inputs: What the command reads: data.NAME, jobs.NAME.OUTPUT, models.NAME, or {value: LITERAL}. Left out: nothing.
        outputs: What the command writes, by name. Left out: nothing is kept but its log.
        env: Environment variables. Left out: only those that mlstack sets.
        secrets: Environment variables that take the value of a secret, by the secret's name. Left out: none.
        timeout: How long it may run before it is stopped. Left out: as long as the target lets it.
        retries: How often it is tried again within one run when it fails. Left out: 0.
        nodes: Machines that run the command together. Left out: 1.
        processes: Processes per machine, each with the usual torchrun variables (RANK, WORLD_SIZE …). Left out: 1.
        rerun: When `up` runs it again: when its fingerprint has changed, each time, or never. Left out: changed.

    Outputs: id, status, outputs.
    """

    kind: ClassVar[str] = "jobs"
    id: pulumi.Output[Any]
    status: pulumi.Output[Any]
    outputs: pulumi.Output[Any]

    def __init__(
        self,
        name: str,
        *,
        command: str,
        tags: Mapping[str, pulumi.Input[str]] | None = None,
        native: Mapping[str, Mapping[str, Any]] | None = None,
        code: str | None = None,
        environment: str | Component | None = None,
        compute: str | Component | None = None,
        inputs: Mapping[str, str | Component | spec.Value | Mapping[str, Any]] | None = None,
        outputs: Mapping[str, spec.Output | Mapping[str, Any]] | None = None,
        env: Mapping[str, pulumi.Input[str]] | None = None,
        secrets: Mapping[str, str | Component] | None = None,
        timeout: str | None = None,
        retries: int | None = None,
        nodes: int | None = None,
        processes: int | None = None,
        rerun: Literal["changed", "always", "never"] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            name,
            given(
                spec.Job,
                f"jobs.{name}",
                command=command,
                tags=tags,
                native=native,
                code=code,
                environment=environment,
                compute=compute,
                inputs=inputs,
                outputs=outputs,
                env=env,
                secrets=secrets,
                timeout=timeout,
                retries=retries,
                nodes=nodes,
                processes=processes,
                rerun=rerun,
            ),
            opts,
        )


class Model(Component):
    """A model that endpoints serve; its version is the hash of its files.

    Arguments:
        from_: The output of a job, as jobs.NAME.OUTPUT. Left out: one of the other sources is given.
        path: A file or folder relative to the spec, or a URI. Left out: one of the other sources is given.
        hub: Id of a model on the Hugging Face hub, as org/name. Left out: one of the other sources is given.
        registry: A model of a registry that is there, as azureml:name:3; used, never changed or deleted. Left out: one of the other sources is given.
        revision: Commit, branch or tag of the hub's model. Left out: the newest at the first `up`, then kept.
        flavor: What loads the model. Left out: found out from its files.
        tags: Labels put on the resource, beside the stack's own tags and stronger than they are. Left out: the stack's tags alone.
        native: Per cloud, what is merged into the inputs of the provider's own resource: maps merge, lists replace, null removes. Left out: nothing is added.
        keep: Old versions that are kept though nothing refers to them any more. Left out: 0.

    Outputs: id, version, uri.
    """

    kind: ClassVar[str] = "models"
    id: pulumi.Output[Any]
    version: pulumi.Output[Any]
    uri: pulumi.Output[Any]

    def __init__(
        self,
        name: str,
        *,
        from_: str | Component | None = None,
        path: pulumi.Input[str] | None = None,
        hub: pulumi.Input[str] | None = None,
        registry: pulumi.Input[str] | None = None,
        revision: str | None = None,
        flavor: Literal[
            "sklearn", "xgboost", "lightgbm", "pytorch", "onnx", "mlflow", "huggingface", "custom"
        ]
        | None = None,
        tags: Mapping[str, pulumi.Input[str]] | None = None,
        native: Mapping[str, Mapping[str, Any]] | None = None,
        keep: int | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            name,
            given(
                spec.Model,
                f"models.{name}",
                from_=from_,
                path=path,
                hub=hub,
                registry=registry,
                revision=revision,
                flavor=flavor,
                tags=tags,
                native=native,
                keep=keep,
            ),
            opts,
        )


class Endpoint(Component):
    """One address, one key, and one or more deployments that share its requests.

    Arguments:
        deployments: What answers, by name. At least one; required.
        tags: Labels put on the resource, beside the stack's own tags and stronger than they are. Left out: the stack's tags alone.
        native: Per cloud, what is merged into the inputs of the provider's own resource: maps merge, lists replace, null removes. Left out: nothing is added.
        type: Whether it answers at once, or works through data. Left out: online.
        auth: How callers show who they are. Left out: what the target has.
        public: Whether it can be reached from the internet. Left out: the target's usual; false with `security: strict` and in a private workspace.
        rollout: How a deployment that has changed takes over from what it was; it is taken back where a monitor of the endpoint's latency or errors raises an alarm meanwhile. Left out: at once.

    Outputs: url, id, key, deployments.
    """

    kind: ClassVar[str] = "endpoints"
    url: pulumi.Output[Any]
    id: pulumi.Output[Any]
    key: pulumi.Output[Any]
    deployments: pulumi.Output[Any]

    def __init__(
        self,
        name: str,
        *,
        deployments: Mapping[str, spec.Deployment | Mapping[str, Any]],
        tags: Mapping[str, pulumi.Input[str]] | None = None,
        native: Mapping[str, Mapping[str, Any]] | None = None,
        type: Literal["online", "batch"] | None = None,
        auth: Literal["key", "token", "identity"] | None = None,
        public: bool | None = None,
        rollout: spec.Rollout | Mapping[str, Any] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            name,
            given(
                spec.Endpoint,
                f"endpoints.{name}",
                deployments=deployments,
                tags=tags,
                native=native,
                type=type,
                auth=auth,
                public=public,
                rollout=rollout,
            ),
            opts,
        )


class Monitor(Component):
    """What is watched at one endpoint, how often, and who is told.

    Arguments:
        endpoint: Name of the endpoint. Required.
        signal: What is watched. Required.
        threshold: Where it begins to matter: a duration for latency (200ms), a fraction or percentage for errors (5%), money for cost, a number for all else. Required.
        tags: Labels put on the resource, beside the stack's own tags and stronger than they are. Left out: the stack's tags alone.
        native: Per cloud, what is merged into the inputs of the provider's own resource: maps merge, lists replace, null removes. Left out: nothing is added.
        baseline: What production is compared with: data.NAME or jobs.NAME.OUTPUT; needed for drift, quality and attribution. Left out: nothing to compare with.
        metric: How the difference is measured. Left out: psi for drift, null-rate for quality, ndcg for attribution.
        features: The columns that are watched. Left out: all that the baseline has.
        quantile: For latency: which quantile. Left out: 0.95.
        code: For custom: the script whose function `measure(requests, baseline)` returns a number. Left out: the signal has a measure of its own.
        every: Time between two readings. Left out: 5m for latency and errors, 1d for cost, else 1h.
        window: How far back a reading looks. Left out: to the last reading.
        min_samples: Requests, or rows of them, that a reading needs; with fewer it says so, and alerts nobody. Left out: the target's usual.
        notify: Names of the notifications that are sent. Left out: it is only recorded.

    Outputs: id.
    """

    kind: ClassVar[str] = "monitors"
    id: pulumi.Output[Any]

    def __init__(
        self,
        name: str,
        *,
        endpoint: str | Component,
        signal: Literal[
            "data-drift",
            "prediction-drift",
            "data-quality",
            "feature-attribution",
            "latency",
            "errors",
            "cost",
            "custom",
        ],
        threshold: float | str,
        tags: Mapping[str, pulumi.Input[str]] | None = None,
        native: Mapping[str, Mapping[str, Any]] | None = None,
        baseline: str | Component | None = None,
        metric: Literal[
            "psi",
            "ks",
            "chi-square",
            "jensen-shannon",
            "wasserstein",
            "null-rate",
            "type-error-rate",
            "out-of-bounds-rate",
            "ndcg",
        ]
        | None = None,
        features: Sequence[str] | None = None,
        quantile: float | None = None,
        code: spec.Code | Mapping[str, Any] | None = None,
        every: str | None = None,
        window: str | None = None,
        min_samples: int | None = None,
        notify: Sequence[str | Component] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            name,
            given(
                spec.Monitor,
                f"monitors.{name}",
                endpoint=endpoint,
                signal=signal,
                threshold=threshold,
                tags=tags,
                native=native,
                baseline=baseline,
                metric=metric,
                features=features,
                quantile=quantile,
                code=code,
                every=every,
                window=window,
                min_samples=min_samples,
                notify=notify,
            ),
            opts,
        )


class Notification(Component):
    """One channel that monitors and approvals write to: exactly one of its fields.

    Arguments:
        tags: Labels put on the resource, beside the stack's own tags and stronger than they are. Left out: the stack's tags alone.
        native: Per cloud, what is merged into the inputs of the provider's own resource: maps merge, lists replace, null removes. Left out: nothing is added.
        email: An e-mail address. Left out: another channel is given.
        slack: A Slack webhook, as {secret: NAME}. Left out: another channel is given.
        teams: A Teams webhook, as {secret: NAME}. Left out: another channel is given.
        pagerduty: A PagerDuty integration key, as {secret: NAME}. Left out: another channel is given.
        webhook: A URL that takes a POST, as text or {secret: NAME}. Left out: another channel is given.
        apprise: An Apprise URL, as {secret: NAME}. Left out: another channel is given.

    Outputs: id.
    """

    kind: ClassVar[str] = "notifications"
    id: pulumi.Output[Any]

    def __init__(
        self,
        name: str,
        *,
        tags: Mapping[str, pulumi.Input[str]] | None = None,
        native: Mapping[str, Mapping[str, Any]] | None = None,
        email: pulumi.Input[str] | None = None,
        slack: spec.FromSecret | Mapping[str, Any] | pulumi.Input[str] | None = None,
        teams: spec.FromSecret | Mapping[str, Any] | pulumi.Input[str] | None = None,
        pagerduty: spec.FromSecret | Mapping[str, Any] | pulumi.Input[str] | None = None,
        webhook: spec.FromSecret | Mapping[str, Any] | pulumi.Input[str] | None = None,
        apprise: spec.FromSecret | Mapping[str, Any] | pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            name,
            given(
                spec.Notification,
                f"notifications.{name}",
                tags=tags,
                native=native,
                email=email,
                slack=slack,
                teams=teams,
                pagerduty=pagerduty,
                webhook=webhook,
                apprise=apprise,
            ),
            opts,
        )


class Pipeline(Component):
    """Steps in the order of their needs; those that do not need each other run side by side.

    Arguments:
        steps: The steps, by name. At least one; required.
        tags: Labels put on the resource, beside the stack's own tags and stronger than they are. Left out: the stack's tags alone.
        native: Per cloud, what is merged into the inputs of the provider's own resource: maps merge, lists replace, null removes. Left out: nothing is added.

    Outputs: id.
    """

    kind: ClassVar[str] = "pipelines"
    id: pulumi.Output[Any]

    def __init__(
        self,
        name: str,
        *,
        steps: Mapping[str, spec.Step | Mapping[str, Any]],
        tags: Mapping[str, pulumi.Input[str]] | None = None,
        native: Mapping[str, Mapping[str, Any]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            name, given(spec.Pipeline, f"pipelines.{name}", steps=steps, tags=tags, native=native), opts
        )


class Schedule(Component):
    """Starts a pipeline at set times, or on an event: exactly one of `cron`, `every`, `on`.

    Arguments:
        pipeline: Name of the pipeline that is started. Required.
        tags: Labels put on the resource, beside the stack's own tags and stronger than they are. Left out: the stack's tags alone.
        native: Per cloud, what is merged into the inputs of the provider's own resource: maps merge, lists replace, null removes. Left out: nothing is added.
        cron: When, as five cron fields: "0 3 * * *" is 3 at night. Left out: `every` or `on` says when.
        every: Time between two starts, such as 6h. Left out: `cron` or `on` says when.
        on: The event: monitors.NAME when it passes its threshold, data.NAME when it has a new version. Left out: `cron` or `every` says when.
        timezone: IANA time zone that `cron` is read in, such as Europe/Berlin. Left out: UTC.

    Outputs: id.
    """

    kind: ClassVar[str] = "schedules"
    id: pulumi.Output[Any]

    def __init__(
        self,
        name: str,
        *,
        pipeline: str | Component,
        tags: Mapping[str, pulumi.Input[str]] | None = None,
        native: Mapping[str, Mapping[str, Any]] | None = None,
        cron: str | None = None,
        every: str | None = None,
        on: str | Component | None = None,
        timezone: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            name,
            given(
                spec.Schedule,
                f"schedules.{name}",
                pipeline=pipeline,
                tags=tags,
                native=native,
                cron=cron,
                every=every,
                on=on,
                timezone=timezone,
            ),
            opts,
        )


class Secret(Component):
    """A value that no file of the project holds: exactly one place where it is found.

    Arguments:
        tags: Labels put on the resource, beside the stack's own tags and stronger than they are. Left out: the stack's tags alone.
        native: Per cloud, what is merged into the inputs of the provider's own resource: maps merge, lists replace, null removes. Left out: nothing is added.
        env: Environment variable that is read when `up` runs. Left out: another place is given.
        keyvault: Id of an Azure Key Vault secret. Left out: another place is given.
        secretsmanager: Id of an AWS Secrets Manager secret. Left out: another place is given.
        secretmanager: Id of a Google Secret Manager secret. Left out: another place is given.
        vault: Path and key in HashiCorp Vault, as path#key. Left out: another place is given.

    Outputs: id.
    """

    kind: ClassVar[str] = "secrets"
    id: pulumi.Output[Any]

    def __init__(
        self,
        name: str,
        *,
        tags: Mapping[str, pulumi.Input[str]] | None = None,
        native: Mapping[str, Mapping[str, Any]] | None = None,
        env: str | None = None,
        keyvault: pulumi.Input[str] | None = None,
        secretsmanager: pulumi.Input[str] | None = None,
        secretmanager: pulumi.Input[str] | None = None,
        vault: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            name,
            given(
                spec.Secret,
                f"secrets.{name}",
                tags=tags,
                native=native,
                env=env,
                keyvault=keyvault,
                secretsmanager=secretsmanager,
                secretmanager=secretmanager,
                vault=vault,
            ),
            opts,
        )


class Budget(Component):
    """The most that the whole stack may cost; a preview that comes to more is refused.

    Arguments:
        amount: How much. Required.
        currency: ISO code of the currency, such as EUR. Required.
        tags: Labels put on the resource, beside the stack's own tags and stronger than they are. Left out: the stack's tags alone.
        native: Per cloud, what is merged into the inputs of the provider's own resource: maps merge, lists replace, null removes. Left out: nothing is added.
        per: The time that the amount is for. Left out: month.

    Outputs: id.
    """

    kind: ClassVar[str] = "budget"
    id: pulumi.Output[Any]

    def __init__(
        self,
        name: str,
        *,
        amount: float,
        currency: str,
        tags: Mapping[str, pulumi.Input[str]] | None = None,
        native: Mapping[str, Mapping[str, Any]] | None = None,
        per: Literal["hour", "day", "month", "total"] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            name,
            given(
                spec.Budget,
                f"budget.{name}",
                amount=amount,
                currency=currency,
                tags=tags,
                native=native,
                per=per,
            ),
            opts,
        )


BY_KIND: Mapping[str, type[Component]] = {
    "workspace": Workspace,
    "compute": Compute,
    "environments": Environment,
    "data": Data,
    "jobs": Job,
    "models": Model,
    "endpoints": Endpoint,
    "monitors": Monitor,
    "notifications": Notification,
    "pipelines": Pipeline,
    "schedules": Schedule,
    "secrets": Secret,
    "budget": Budget,
}

__all__ = [
    "Budget",
    "Compute",
    "Data",
    "Endpoint",
    "Environment",
    "Job",
    "Model",
    "Monitor",
    "Notification",
    "Pipeline",
    "Schedule",
    "Secret",
    "Workspace",
]
