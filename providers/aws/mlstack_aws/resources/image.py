"""``mlstack:aws:Image``: an image of ECR that CodeBuild makes of an uploaded folder, each content once."""

from __future__ import annotations

from typing import Any

from mlstack.errors import MlstackError
from mlstack.resource import UNKNOWN, Context, Inputs, Properties, Resource, ResourceFailed, State
from mlstack_aws.cloud import AwsFailure, client, told, wait

#: Lines of a build's log that an error shows.
_TAIL = 40
#: How many of a project's last builds are looked at for one that a killed run began.
_LAST = 20
_ENDED = ("SUCCEEDED", "FAILED", "FAULT", "TIMED_OUT", "STOPPED")


class ImageInputs(Inputs):
    """``repository`` is ``ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME``, ``context`` the URI of the folder with
    ``dockerfile`` in it and ``digest`` its hash: with ``name`` it is the image's tag."""

    region: str
    repository: str
    name: str
    project: str
    context: str
    digest: str
    dockerfile: str = "Dockerfile"

    @property
    def tag(self) -> str:
        return f"{self.name}-{self.digest}"

    @property
    def id(self) -> str:
        return f"{self.repository}:{self.tag}"


class Image(Resource[ImageInputs]):
    """Outputs: ``uri`` (REPOSITORY:TAG), ``tag``, ``sha256`` (the image's digest in the registry).

    Another content is another image beside the old one, which goes once nothing names it.
    """

    Inputs = ImageInputs
    replace_on = frozenset({"region", "repository", "name", "digest", "dockerfile"})

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        if any(inputs.get(key) is UNKNOWN for key in ("repository", "name", "digest")):
            return {"uri": UNKNOWN, "tag": UNKNOWN, "sha256": UNKNOWN}
        tag = f"{inputs['name']}-{inputs['digest']}"
        return {"uri": f"{inputs['repository']}:{tag}", "tag": tag, "sha256": UNKNOWN}

    def create(self, context: Context, inputs: ImageInputs) -> State:
        found = _pushed(inputs.region, inputs.repository, inputs.tag)
        if found is None:
            _build(context, inputs)
            found = _pushed(inputs.region, inputs.repository, inputs.tag)
        if found is None:
            raise ResourceFailed(
                f"the build of {inputs.id} succeeded, and the image is not in the registry",
                remedy="look whether something removes images there (a lifecycle policy); run it again",
                category="transient",
            )
        return State(inputs.id, inputs.model_dump(), _outputs(inputs.repository, inputs.tag, found))

    def read(self, context: Context, state: State) -> State | None:
        repository, _, tag = state.id.rpartition(":")
        region = state.inputs.get("region") or repository.split(".")[3]
        found = _pushed(region, repository, tag)
        if found is None:
            return None
        name, _, digest = tag.rpartition("-")
        inputs = state.inputs or {
            "region": region, "repository": repository, "name": name, "digest": digest,
            "project": "", "context": "", "dockerfile": "Dockerfile",
        }  # fmt: skip
        return State(state.id, inputs, _outputs(repository, tag, found))

    def update(self, context: Context, state: State, inputs: ImageInputs) -> Properties:
        """Only who builds it, or where the folder is, has changed: the image is the same."""
        return state.outputs

    def delete(self, context: Context, state: State) -> None:
        repository, _, tag = state.id.rpartition(":")
        region = state.inputs.get("region") or repository.split(".")[3]
        try:
            with told(f"image {state.id}"):
                client("ecr", region).batch_delete_image(
                    repositoryName=repository.partition("/")[2], imageIds=[{"imageTag": tag}]
                )
        except AwsFailure as failure:
            if not failure.gone:
                raise

    def find(self, context: Context, inputs: Properties) -> State | None:
        given = ImageInputs.model_validate(_given(inputs))
        return self.read(context, State(given.id, _given(inputs), {}))


def _outputs(repository: str, tag: str, sha256: str) -> dict[str, Any]:
    return {"uri": f"{repository}:{tag}", "tag": tag, "sha256": sha256}


def _pushed(region: str, repository: str, tag: str) -> str | None:
    """The image's digest in the registry; None: it is not there."""
    try:
        with told(f"image {repository}:{tag}"):
            answer = client("ecr", region).describe_images(
                repositoryName=repository.partition("/")[2], imageIds=[{"imageTag": tag}]
            )
    except AwsFailure as failure:
        if failure.gone:
            return None
        raise
    return str(answer["imageDetails"][0]["imageDigest"]) if answer["imageDetails"] else None


def _build(context: Context, inputs: ImageInputs) -> None:
    """Have it built, or go on with the build that a killed run began. When the run is cancelled, so is the
    build."""
    builds = client("codebuild", inputs.region)
    id = _going(builds, inputs)
    if id is None:
        variables = {"REPOSITORY": inputs.repository, "TAG": inputs.tag, "DOCKERFILE": inputs.dockerfile}
        with told(f"codebuild {inputs.project}"):
            started = builds.start_build(
                projectName=inputs.project,
                sourceTypeOverride="S3",
                sourceLocationOverride=f"{inputs.context.removeprefix('s3://').rstrip('/')}/",
                environmentVariablesOverride=[
                    {"name": name, "value": value, "type": "PLAINTEXT"} for name, value in variables.items()
                ],
            )
        id = started["build"]["id"]
    context.log(f"building {inputs.tag}: {id}")

    def look() -> dict[str, Any] | None:
        with told(f"codebuild {id}"):
            found: dict[str, Any] = builds.batch_get_builds(ids=[id])["builds"][0]
        return found if found["buildStatus"] in _ENDED else None

    try:
        build = wait(context, look, f"the build of {inputs.tag}", first=5.0)
    except MlstackError:
        if context.cancelled.is_set():
            with told(f"codebuild {id}"):
                builds.stop_build(id=id)
        raise
    if build["buildStatus"] != "SUCCEEDED":
        lines = _tail(inputs.region, build)
        raise ResourceFailed(
            "\n".join(
                [f"the image {inputs.tag} cannot be built ({build['buildStatus']}), build {id}", *lines]
            ),
            remedy="mend the environment (or the Dockerfile) that the log names, then run it again",
            category="transient" if build["buildStatus"] == "FAULT" else "user",
        )


def _going(builds: Any, inputs: ImageInputs) -> str | None:
    """Id of a build of this very image that is not over."""
    with told(f"codebuild {inputs.project}"):
        ids = builds.list_builds_for_project(projectName=inputs.project, sortOrder="DESCENDING")["ids"][
            :_LAST
        ]
        known = builds.batch_get_builds(ids=ids)["builds"] if ids else []
    for build in known:
        variables = {
            each["name"]: each["value"] for each in build["environment"].get("environmentVariables", ())
        }
        if build["buildStatus"] == "IN_PROGRESS" and variables.get("TAG") == inputs.tag:
            return str(build["id"])
    return None


def _tail(region: str, build: dict[str, Any]) -> list[str]:
    """The end of its log, as far as it can be had: it is shown beside an error, which counts more."""
    logs = build.get("logs") or {}
    if not logs.get("groupName") or not logs.get("streamName"):
        return []
    try:
        with told("logs"):
            events = client("logs", region).get_log_events(
                logGroupName=logs["groupName"],
                logStreamName=logs["streamName"],
                limit=_TAIL,
                startFromHead=False,
            )["events"]
    except MlstackError as error:
        return [f"(its log cannot be read: {error.message})"]
    return [str(event["message"]).rstrip() for event in events]


def _given(inputs: Properties) -> dict[str, Any]:
    """Without defaults, which the program leaves out too: one that appears would be a change."""
    return {key: value for key, value in inputs.items() if value is not None}
