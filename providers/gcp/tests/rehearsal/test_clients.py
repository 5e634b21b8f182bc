"""Google's own clients against the REST door: Vertex AI by REST, Cloud Storage, long-running operations."""

from __future__ import annotations

import io
from typing import Any

import pytest
from google.api_core import exceptions
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import aiplatform_v1 as vertex
from google.cloud.storage import Client
from google.protobuf import field_mask_pb2
from mlstack_gcp.rehearsal import GcpEmulation

from .estate import ESTATE, PROJECT, REGION

PARENT = f"projects/{PROJECT}/locations/{REGION}"
ENDPOINT = f"{PARENT}/endpoints/1234567890"
ANYBODY = AnonymousCredentials()  # type: ignore[no-untyped-call]
TOKEN = "gcp:vertex/aiEndpoint:AiEndpoint"


def client(cls: Any, door: str) -> Any:
    """A client of the generated library, by REST, to the door."""
    transport = cls.get_transport_class("rest")
    host = door.removeprefix("http://")
    return cls(transport=transport(host=host, url_scheme="http", credentials=ANYBODY))


def ended(operation: Any) -> Any:
    """The result of an operation, looked at without a wait."""
    for _ in range(5):
        if operation.done():
            return operation.result()
    raise AssertionError("the operation does not end")


@pytest.fixture
def endpoints(door: str) -> Any:
    return client(vertex.EndpointServiceClient, door)


@pytest.fixture
def models(door: str) -> Any:
    return client(vertex.ModelServiceClient, door)


def uploaded(models: Any, **more: Any) -> str:
    model = vertex.Model(
        display_name="digits",
        artifact_uri="gs://demo-bucket/model",
        container_spec=vertex.ModelContainerSpec(
            image_uri=f"{REGION}-docker.pkg.dev/{PROJECT}/images/serve:1",
            predict_route="/predict",
            health_route="/ping",
            ports=[vertex.Port(container_port=8080)],
        ),
    )
    request = vertex.UploadModelRequest(parent=PARENT, model=model, **more)
    return str(ended(models.upload_model(request=request)).model)


def deployed(model: str, id: str, machine: str = "n1-standard-4") -> Any:
    dedicated = vertex.DedicatedResources(
        machine_spec=vertex.MachineSpec(machine_type=machine), min_replica_count=1, max_replica_count=2
    )
    return vertex.DeployedModel(model=model, id=id, display_name=f"d{id}", dedicated_resources=dedicated)


def test_a_model_is_uploaded_deployed_asked_and_taken_off(
    endpoints: Any, models: Any, estate: GcpEmulation
) -> None:
    model = uploaded(models, model_id="digits")
    assert model.endswith("/models/digits")
    assert not model.startswith(f"projects/{PROJECT}/"), "names have the project's number"
    for id, split in (("11", {"0": 100}), ("22", {"0": 30, "11": 70})):
        ended(
            endpoints.deploy_model(endpoint=ENDPOINT, deployed_model=deployed(model, id), traffic_split=split)
        )
    endpoint = endpoints.get_endpoint(name=ENDPOINT)
    assert dict(endpoint.traffic_split) == {"11": 70, "22": 30}
    assert [one.id for one in endpoint.deployed_models] == ["11", "22"]
    # the engine's door sees the same
    read = estate.read(TOKEN, ENDPOINT, {})
    assert read is not None
    (blue, _) = read.outputs["deployedModels"]
    (dedicated,) = blue["dedicatedResources"]
    assert dedicated["machineSpec"] == [{"machineType": "n1-standard-4"}]  # lists of one, as Pulumi has them
    assert read.outputs["trafficSplit"] == '{"11": 70, "22": 30}'

    with pytest.raises(exceptions.BadRequest, match="sum to 100"):
        endpoints.update_endpoint(
            endpoint=vertex.Endpoint(name=ENDPOINT, traffic_split={"11": 70}),
            update_mask=field_mask_pb2.FieldMask(paths=["traffic_split"]),
        )
    with pytest.raises(exceptions.BadRequest, match="not deployed"):
        endpoints.update_endpoint(
            endpoint=vertex.Endpoint(name=ENDPOINT, traffic_split={"33": 100}),
            update_mask=field_mask_pb2.FieldMask(paths=["traffic_split"]),
        )
    changed = endpoints.update_endpoint(
        endpoint=vertex.Endpoint(name=ENDPOINT, traffic_split={"22": 100}, display_name="not in the mask"),
        update_mask=field_mask_pb2.FieldMask(paths=["traffic_split"]),
    )
    assert (dict(changed.traffic_split), changed.display_name) == ({"22": 100}, "digits")

    with pytest.raises(exceptions.Conflict):
        endpoints.deploy_model(endpoint=ENDPOINT, deployed_model=deployed(model, "11"))
    with pytest.raises(exceptions.BadRequest, match="has traffic"):
        endpoints.undeploy_model(endpoint=ENDPOINT, deployed_model_id="22")
    with pytest.raises(exceptions.BadRequest):
        models.delete_model(name=model)
    with pytest.raises(Exception, match="Undeploy them first"):
        estate.delete(TOKEN, ENDPOINT, ESTATE["vertex/aiEndpoint:AiEndpoint"])

    wider = deployed(model, "11")
    wider.dedicated_resources.max_replica_count = 5
    mask = field_mask_pb2.FieldMask(paths=["dedicated_resources.max_replica_count"])
    mutated = ended(
        endpoints.mutate_deployed_model(endpoint=ENDPOINT, deployed_model=wider, update_mask=mask)
    )
    assert mutated.deployed_model.dedicated_resources.max_replica_count == 5
    mask = field_mask_pb2.FieldMask(paths=["model"])
    with pytest.raises(exceptions.BadRequest, match="cannot be changed"):
        endpoints.mutate_deployed_model(endpoint=ENDPOINT, deployed_model=wider, update_mask=mask)

    ended(endpoints.undeploy_model(endpoint=ENDPOINT, deployed_model_id="11"))
    ended(endpoints.undeploy_model(endpoint=ENDPOINT, deployed_model_id="22"))
    assert not endpoints.get_endpoint(name=ENDPOINT).deployed_models
    ended(models.delete_model(name=model))
    with pytest.raises(exceptions.NotFound):
        models.get_model(name=model)


def test_the_timeout_of_an_endpoint_is_changed_by_a_call_of_its_own(endpoints: Any) -> None:
    waits = vertex.ClientConnectionConfig(inference_timeout={"seconds": 90})
    ended(
        endpoints.update_endpoint_long_running(
            endpoint=vertex.Endpoint(name=ENDPOINT, client_connection_config=waits)
        )
    )
    found = endpoints.get_endpoint(name=ENDPOINT)
    assert found.client_connection_config.inference_timeout.total_seconds() == 90
    with pytest.raises(exceptions.BadRequest, match="alone, not displayName"):
        endpoints.update_endpoint_long_running(endpoint=vertex.Endpoint(name=ENDPOINT, display_name="other"))


def test_versions_and_aliases_of_a_model(models: Any) -> None:
    name = uploaded(models, model_id="digits")
    uploaded(models, parent_model=name)
    assert [one.version_id for one in models.list_model_versions(name=name)] == ["1", "2"]
    assert models.get_model(name=name).version_id == "1"
    models.merge_version_aliases(name=f"{name}@2", version_aliases=["default", "newest"])
    assert models.get_model(name=name).version_id == "2"
    assert models.get_model(name=f"{name}@newest").version_id == "2"
    ended(models.delete_model_version(name=f"{name}@1"))
    assert [one.version_id for one in models.list_model_versions(name=name)] == ["2"]
    with pytest.raises(exceptions.BadRequest):
        models.delete_model_version(name=f"{name}@2")
    changed = models.update_model(
        model=vertex.Model(name=name, labels={"a": "b"}),
        update_mask=field_mask_pb2.FieldMask(paths=["labels"]),
    )
    assert dict(changed.labels) == {"a": "b"}
    assert [
        one.display_name for one in models.list_models(request={"parent": PARENT, "filter": "labels.a=b"})
    ] == ["digits"]
    assert not list(models.list_models(request={"parent": PARENT, "filter": 'display_name="other"'}))


def test_what_is_no_field_or_no_value_is_refused(door: str) -> None:
    import requests

    def post(body: dict[str, Any]) -> Any:
        return requests.post(f"{door}/v1/{PARENT}/customJobs", json=body, timeout=10)

    answer = post({"displayName": "x", "jobSpecs": {}})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["status"] == "INVALID_ARGUMENT"
    assert error["message"] == (
        "Invalid JSON payload received. Unknown name \"jobSpecs\" at 'custom_job': Cannot find field."
    )
    assert post({"displayName": "x", "jobSpec": {"scheduling": {"strategy": "WHENEVER"}}}).status_code == 400


def test_a_custom_job_runs_and_leaves_a_log_and_its_output(door: str) -> None:
    jobs = client(vertex.JobServiceClient, door)
    pool = vertex.WorkerPoolSpec(
        container_spec=vertex.ContainerSpec(image_uri="gcr.io/x/y"),
        machine_spec=vertex.MachineSpec(machine_type="n1-standard-4"),
        replica_count=1,
    )
    output = vertex.GcsDestination(output_uri_prefix="gs://demo-bucket/out")
    spec = vertex.CustomJobSpec(worker_pool_specs=[pool], base_output_directory=output)
    job = jobs.create_custom_job(
        parent=PARENT,
        custom_job=vertex.CustomJob(display_name="train", job_spec=spec, labels={"mlstack-stack": "u"}),
    )
    states = [jobs.get_custom_job(name=job.name).state.name for _ in range(3)]
    assert states == ["JOB_STATE_RUNNING", "JOB_STATE_SUCCEEDED", "JOB_STATE_SUCCEEDED"]
    found = jobs.list_custom_jobs(request={"parent": PARENT, "filter": "labels.mlstack-stack=u"})
    assert [one.name for one in found] == [job.name]
    files = list(bucket(door).list_blobs(prefix="out/"))
    assert [one.name for one in files] == ["out/model/rehearsal.json"]

    import requests

    number = job.name.rpartition("/")[2]
    body = {
        "resourceNames": [f"projects/{PROJECT}"],
        "filter": f'resource.type="ml_job" AND resource.labels.job_id="{number}"',
    }
    entries = requests.post(f"{door}/v2/entries:list", json=body, timeout=10).json()["entries"]
    assert [one["textPayload"] for one in entries] == ["train: rehearsed, nothing ran"]


def test_a_job_is_cancelled(door: str) -> None:
    pipelines = client(vertex.PipelineServiceClient, door)
    made = pipelines.create_pipeline_job(
        parent=PARENT,
        pipeline_job=vertex.PipelineJob(
            display_name="steps",
            pipeline_spec={"schemaVersion": "2.1.0", "pipelineInfo": {"name": "steps"}, "root": {}},
            runtime_config={"gcs_output_directory": "gs://demo-bucket/runs"},
        ),
        pipeline_job_id="steps-1",
    )
    pipelines.cancel_pipeline_job(name=made.name)
    assert pipelines.get_pipeline_job(name=made.name).state.name == "PIPELINE_STATE_CANCELLED"
    with pytest.raises(exceptions.BadRequest):
        pipelines.cancel_pipeline_job(name=made.name)


def bucket(door: str) -> Any:
    options = ClientOptions(api_endpoint=door)
    return Client(PROJECT, ANYBODY, client_options=options).bucket("demo-bucket")


def test_objects_by_the_client_of_cloud_storage(door: str) -> None:
    place = bucket(door)
    place.blob("a/one.txt").upload_from_string("one", "text/plain")
    big = bytes(range(256)) * 4096  # 1 MiB in chunks of 256 KiB: resumable
    blob = place.blob("a/big", chunk_size=256 * 1024)
    blob.upload_from_file(io.BytesIO(big), size=len(big))
    assert place.blob("a/big").download_as_bytes() == big
    assert place.blob("a/one.txt").download_as_text() == "one"
    assert sorted(one.name for one in place.list_blobs(prefix="a/")) == ["a/big", "a/one.txt"]
    place.copy_blob(place.blob("a/one.txt"), place, "b/two.txt")
    assert place.get_blob("b/two.txt").size == 3
    assert place.get_blob("none") is None
    place.blob("b/two.txt").delete()
    with pytest.raises(exceptions.NotFound):
        place.blob("b/two.txt").delete()
    with pytest.raises(exceptions.PreconditionFailed):
        place.blob("a/one.txt").upload_from_string("two", if_generation_match=0)
    place.blob("joined").compose([place.blob("a/one.txt"), place.blob("a/one.txt")])
    assert place.blob("joined").download_as_text() == "oneone"
