"""The body of a training job and of a processing job, as SageMaker's API has them (``CreateTrainingJob``,
``CreateProcessingJob``), without name and tags.

A job is a training job: SageMaker runs those on spare machines, repeats them after faults of its own and
keeps checkpoints, which it does for no processing job. A step of a pipeline, and the baseline of a monitor,
is a processing job: each of its outputs has a place that is known beforehand, and a condition can read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack_aws.disks import OWN_DISK
from mlstack_aws.place import Place
from mlstack_aws.work import SCRIPT, Work

#: Stands for the name of the run in a body that does not know it yet.
RUN = "{run}"
#: How long a job on spare machines may wait for them, beyond the time that it may run.
_PATIENCE = 86_400


def training(work: Work, own: str | None = None) -> dict[str, Any]:
    """``own``: the output that is kept at a place of its own."""
    where, job = work.where, work.job
    body: dict[str, Any] = {
        "AlgorithmSpecification": {
            "TrainingImage": work.image,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["/bin/sh", f"/opt/ml/input/data/{SCRIPT}/run.sh"],
        },
        "RoleArn": where.role,
        "InputDataConfig": [
            {
                "ChannelName": name,
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": uri,
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
            }
            for name, uri in work.channels.items()
        ],
        "OutputDataConfig": {
            "S3OutputPath": pulumi.Output.concat(where.uri, "/runs"),
            "CompressionType": "NONE",
            **_key(where, "KmsKeyId"),
        },
        "ResourceConfig": {
            "InstanceType": work.instance,
            "InstanceCount": job.nodes,
            "VolumeSizeInGB": work.disk,
            **_disk_key(work),
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": work.seconds},
    }
    if work.env:
        body["Environment"] = dict(work.env)
    if where.network is not None:
        body["VpcConfig"] = _network(where)
        if job.nodes > 1:
            body["EnableInterContainerTrafficEncryption"] = True
    if job.retries:
        body["RetryStrategy"] = {"MaximumRetryAttempts": min(job.retries, 30)}
    if work.spot:
        body["EnableManagedSpotTraining"] = True
        body["StoppingCondition"]["MaxWaitTimeInSeconds"] = work.seconds + _PATIENCE
        body["CheckpointConfig"] = {"S3Uri": pulumi.Output.concat(where.uri, f"/checkpoints/{RUN}")}
    if own is not None:
        body["CheckpointConfig"] = {"S3Uri": job.outputs[own].path}
    return body


def processing(work: Work, flowing: Mapping[str, Any], outputs: Mapping[str, Any]) -> dict[str, Any]:
    """``flowing``: inputs that are other steps' outputs, ``outputs``: name -> URI."""
    where = work.where
    inputs = "/opt/ml/processing/input"
    body: dict[str, Any] = {
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceType": work.instance,
                "InstanceCount": work.job.nodes,
                "VolumeSizeInGB": work.disk,
                **_disk_key(work),
            }
        },
        "AppSpecification": {
            "ImageUri": work.image,
            "ContainerEntrypoint": ["/bin/sh", f"{inputs}/{SCRIPT}/run.sh"],
        },
        "RoleArn": where.role,
        "ProcessingInputs": [
            processing_input(name, uri, f"{inputs}/{name}")
            for name, uri in {**work.channels, **flowing}.items()
        ],
        "StoppingCondition": {"MaxRuntimeInSeconds": work.seconds},
    }
    if outputs:
        body["ProcessingOutputConfig"] = {
            "Outputs": [
                processing_output(name, uri, f"/opt/ml/processing/output/{name}")
                for name, uri in outputs.items()
            ],
            **_key(where, "KmsKeyId"),
        }
    if work.env:
        body["Environment"] = dict(work.env)
    return {**body, **processing_network(where, several=work.job.nodes > 1)}


def processing_input(name: str, uri: Any, path: str) -> dict[str, Any]:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": path,
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
        },
    }


def processing_output(name: str, uri: Any, path: str) -> dict[str, Any]:
    return {
        "OutputName": name,
        "S3Output": {"S3Uri": uri, "LocalPath": path, "S3UploadMode": "EndOfJob"},
    }


def processing_network(where: Place, *, several: bool = False) -> dict[str, Any]:
    if where.network is None:
        return {}
    network: dict[str, Any] = {"VpcConfig": _network(where)}
    if several:
        network["EnableInterContainerTrafficEncryption"] = True
    return {"NetworkConfig": network}


def _network(where: Place) -> dict[str, Any]:
    assert where.network is not None
    return {
        "Subnets": list(where.network.subnets),
        "SecurityGroupIds": list(where.network.security_groups),
    }


def _key(where: Place, name: str) -> dict[str, Any]:
    return {} if where.key is None else {name: where.key}


def _disk_key(work: Work) -> dict[str, Any]:
    """The machine's own name is known, or is an Output that a program has made: then nothing is said."""
    if work.where.key is None or not isinstance(work.instance, str) or OWN_DISK.match(work.instance):
        return {}
    return {"VolumeKmsKeyId": work.where.key}
