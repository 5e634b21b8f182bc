"""What answers in a deployment: a `sagemaker.Model`, made of an image, a model's files, and an environment.

mlstack's own server is in the image and finds the model in ``/opt/ml/model``, code of one's own in ``code/``
below it. A model of this machine is packed with its code into one ``model.tar.gz``; to one that is on S3
already the code comes as a second source beside it. Serverless endpoints and transform jobs take neither
folders nor second sources (docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html:
ModelDataSource): for those what is on S3, and what a job leaves there, is packed once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mlstack_serving.flavors import PACKAGES

from mlstack.lowering import serving
from mlstack.lowering.flavor import flavor_of
from mlstack.lowering.inline import inline
from mlstack.provider import Build
from mlstack.spec import Deployment, InlineModel
from mlstack_aws import assets, images, uploads
from mlstack_aws.arns import lift
from mlstack_aws.kinds import container, generations
from mlstack_aws.names import tags
from mlstack_aws.place import place

CODE = "code"
SECRET = "MLSTACK_SECRET_"  # noqa: S105  the beginning of a variable's name
_BESIDE = "/opt/ml/additional-model-data-sources"


@dataclass(frozen=True)
class Files:
    """``data``: URI of the model on S3, an archive or a folder; ``code``: URI of code that is not in it;
    ``package``: ARN of a model package, which has an image too."""

    data: Any = None
    code: Any = None
    package: Any = None
    env: Mapping[str, Any] = field(default_factory=dict)


def model(
    build: Build, name: str, spec: Deployment, *, archive: bool = False, more: Mapping[str, str] | None = None
) -> Any:
    """The `sagemaker.Model` of a deployment. ``archive``: of the model's files only an archive will do.
    ``more``: tags of its own."""
    import pulumi_aws.sagemaker as sagemaker

    where = place(build)
    image, files = _answering(build, name, spec, archive=archive)
    env = {**files.env, **spec.env, **_secrets(build, spec)}
    vpc = None
    if where.network is not None:
        vpc = sagemaker.ModelVpcConfigArgs(
            subnets=where.network.subnets, security_group_ids=where.network.security_groups
        )
    content = {
        "image": image,
        "env": env,
        "data": files.data,
        "code": files.code,
        "package": files.package,
        "role": where.role,
        "network": [list(where.network.subnets), list(where.network.security_groups)]
        if where.network
        else None,
    }
    return build.make(
        sagemaker.Model,
        name,
        options={"delete_before_replace": False, "depends_on": list(where.resources)},
        name=generations.name(build, "Model", name, content=content),
        region=where.region,
        execution_role_arn=where.role,
        primary_container=_container(image, env, files, archive or _is_archive(build, spec)),
        vpc_config=vpc,
        tags={**tags(build), **(more or {})},
    )


def _container(image: Any, env: Mapping[str, Any], files: Files, archive: bool) -> Any:
    import pulumi_aws.sagemaker as sagemaker

    found: dict[str, Any] = {"environment": dict(env) or None}
    if files.package is not None:
        return sagemaker.ModelPrimaryContainerArgs(model_package_name=files.package, **found)
    if files.data is not None and archive:
        found["model_data_url"] = files.data
    elif files.data is not None:
        source = sagemaker.ModelPrimaryContainerModelDataSourceS3DataSourceArgs
        found["model_data_source"] = sagemaker.ModelPrimaryContainerModelDataSourceArgs(
            s3_data_sources=[source(**_source(files.data))]
        )
    if files.code is not None:
        beside = sagemaker.ModelPrimaryContainerAdditionalModelDataSourceS3DataSourceArgs
        found["additional_model_data_sources"] = [
            sagemaker.ModelPrimaryContainerAdditionalModelDataSourceArgs(
                channel_name=CODE, s3_data_sources=[beside(**_source(files.code))]
            )
        ]
    return sagemaker.ModelPrimaryContainerArgs(image=image, **found)


def _answering(build: Build, name: str, spec: Deployment, *, archive: bool) -> tuple[Any, Files]:
    if spec.server is not None:
        hub = _hub(build, spec) if spec.server.vllm is not None else None
        data = None if hub is not None else _model_uri(build, name, spec, archive=archive)
        return container.image(build, name, spec, hub), Files(data)
    source = source_of(build, spec)
    if source is not None and source.registry is not None:
        return None, Files(package=_model_output(build, name, spec, "id"))
    flavor = flavor_of(spec, lambda other: build.spec_of("models", other), build.root)
    files = _files(build, name, spec, archive=archive)
    env = {
        "MLSTACK_CONTRACT": "sagemaker",
        "MLSTACK_MODEL_NAME": build.name,
        **serving.settings(spec),
        **({"MLSTACK_FLAVOR": flavor} if flavor and spec.code is None else {}),
    }
    requirements = PACKAGES.get(flavor or "", ()) if spec.environment is None else ()
    image = images.serving_image(build, spec.environment, tuple(requirements))
    return image, replace(files, env={**env, **files.env})


def _secrets(build: Build, spec: Deployment) -> dict[str, Any]:
    """Fetched by the role when a copy starts: no value passes through here."""
    return {
        f"{SECRET}{variable}": assets.secret_arn(build, secret) for variable, secret in spec.secrets.items()
    }


def _files(build: Build, name: str, spec: Deployment, *, archive: bool) -> Files:
    if spec.code is None:
        return Files(_model_uri(build, name, spec, archive=archive))
    env = {"SAGEMAKER_PROGRAM": spec.code.script}
    if not (build.root / spec.code.dir / spec.code.script).is_file():
        raise build.wrong(
            f"deployments.{name}.code.script",
            f"there is no {spec.code.dir}/{spec.code.script}",
            "paths are relative to the spec's folder",
            code="missing-path",
        )
    path = local_path(build, spec)
    if path is not None or spec.model is None:
        packed = uploads.pack(build, path, name, beside={CODE: spec.code.dir})
        return Files(packed.uri, env=env)
    if archive:
        return Files(_packed(build, name, spec, beside={CODE: spec.code.dir}), env=env)
    uploaded = uploads.upload(build, spec.code.dir, name, CODE)
    beside = {"MLSTACK_CODE": f"{_BESIDE}/{CODE}", "MLSTACK_SCRIPT": spec.code.script}
    return Files(_model_uri(build, name, spec, archive=False), code=uploaded.uri, env=beside)


def source_of(build: Build, spec: Deployment) -> Any:
    """The model's own spec; None where code or a container brings it."""
    if spec.model is None or isinstance(spec.model, InlineModel):
        return spec.model
    return build.spec_of("models", spec.model)


def local_path(build: Build, spec: Deployment) -> str | None:
    """The model's path where that is on this machine."""
    found = source_of(build, spec)
    path = found.path if found is not None else None
    return path if isinstance(path, str) and "://" not in path else None


def _is_archive(build: Build, spec: Deployment) -> bool:
    """Whether the model is packed for certain, though its URI is not known yet."""
    return (spec.code is not None and spec.model is None) or local_path(build, spec) is not None


def _packed(build: Build, name: str, spec: Deployment, beside: Mapping[str, str] | None = None) -> Any:
    """The URI of an archive of what is on S3."""
    held = _model_outputs(build, name, spec)
    return uploads.repack(build, held["uri"], held["version"], name, beside=beside).uri


def _source(uri: Any) -> dict[str, Any]:
    """What is at a URI, an archive or a folder."""
    return {
        "s3_uri": uri,
        "compression_type": lift(uri, lambda text: "Gzip" if text.endswith(".tar.gz") else "None"),
        "s3_data_type": lift(uri, lambda text: "S3Prefix" if text.endswith("/") else "S3Object"),
    }


def _hub(build: Build, spec: Deployment) -> tuple[str, str | None] | None:
    """Id and revision on the hub of a model that the server fetches itself."""
    found = source_of(build, spec)
    return (found.hub, found.revision) if found is not None and isinstance(found.hub, str) else None


def _model_uri(build: Build, name: str, spec: Deployment, *, archive: bool) -> Any:
    if spec.model is None:
        return None
    path = source_of(build, spec).path
    is_one = isinstance(path, str) and ("://" not in path or path.endswith(".tar.gz"))
    if archive and not is_one and source_of(build, spec).hub is None:
        return _packed(build, name, spec)
    return _model_output(build, name, spec, "uri")


def _model_output(build: Build, name: str, spec: Deployment, key: str) -> Any:
    return _model_outputs(build, name, spec)[key]


def _model_outputs(build: Build, name: str, spec: Deployment) -> Mapping[str, Any]:
    if not isinstance(spec.model, InlineModel):
        return build.outputs("models", str(spec.model))
    from mlstack_aws.kinds.model import build as build_model

    return build_model(inline(build, name, spec.model))
