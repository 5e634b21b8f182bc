"""``mlstack:gcp:Image``: an image that Cloud Build makes of an uploaded context, tagged with its hash.

An image that is there under the tag is taken, and a build of it that is going on is waited for: nothing is
built twice.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from mlstack.errors import TargetError
from mlstack.resource import UNKNOWN, Context, Inputs, Properties, Resource, State
from mlstack_gcp.cloud import Cancelled, CloudFailure, present, rest, wait

_BASE = re.compile(r"(?P<location>[a-z0-9-]+)-docker\.pkg\.dev/(?P<project>[^/]+)/(?P<repository>[^/]+)")
_GOING = ("PENDING", "QUEUED", "WORKING")
_TIMEOUT = 3600
_TAIL = 30


class ImageInputs(Inputs):
    """``repository``: ``LOCATION-docker.pkg.dev/PROJECT/NAME``; ``context``: ``gs://…/context.tar.gz``."""

    stack_uid: str
    project: str
    location: str
    repository: str
    name: str
    digest: str
    context: str
    dockerfile: str = "Dockerfile"
    service_account: str


class Image(Resource[ImageInputs]):
    """Outputs: ``image`` (``REPOSITORY/NAME:DIGEST``) and ``sha256``, by which the platform knows it."""

    Inputs = ImageInputs
    replace_on = frozenset({"project", "location", "repository", "name", "digest"})

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        parts = [inputs.get(key) for key in ("repository", "name", "digest")]
        if UNKNOWN in parts:
            return {"image": UNKNOWN, "sha256": UNKNOWN}
        sha = old.outputs.get("sha256", UNKNOWN) if old is not None else UNKNOWN
        return {"image": "{}/{}:{}".format(*parts), "sha256": sha}

    def create(self, context: Context, inputs: ImageInputs) -> State:
        image = f"{inputs.repository}/{inputs.name}:{inputs.digest}"
        with present():
            found = _pushed(image)
            if found is None:
                build = _going(inputs) or _submit(inputs, image)
                context.log(f"Cloud Build {build['id']} makes {inputs.name}:{inputs.digest}")
                _built(context, inputs, build)
                found = wait(context, lambda: _pushed(image), f"the image {image}", longest=120)
        return State(image, inputs.model_dump(), {"image": image, "sha256": found})

    def read(self, context: Context, state: State) -> State | None:
        with present():
            found = _pushed(state.id)
        if found is None:
            return None
        inputs = dict(state.inputs) or _of_id(state.id)
        return State(state.id, inputs, {"image": state.id, "sha256": found})

    def delete(self, context: Context, state: State) -> None:
        with present():
            found = _pushed(state.id)
            if found is not None:
                # a version takes the tags on it along
                _ignoring_absence("DELETE", f"{_package(state.id)[0]}/versions/{found}", {"force": "true"})

    def find(self, context: Context, inputs: Properties) -> State | None:
        given = ImageInputs.model_validate(dict(inputs))
        image = f"{given.repository}/{given.name}:{given.digest}"
        return self.read(context, State(image, given.model_dump(), {}))


def _submit(inputs: ImageInputs, image: str) -> dict[str, Any]:
    bucket, _, name = inputs.context.removeprefix("gs://").partition("/")
    body = {
        "source": {"storageSource": {"bucket": bucket, "object": name}},
        "steps": [
            {
                "name": "gcr.io/cloud-builders/docker",
                "args": ["build", "--file", inputs.dockerfile, "--tag", image, "."],
            }
        ],
        "images": [image],
        "timeout": f"{_TIMEOUT}s",
        "serviceAccount": f"projects/{inputs.project}/serviceAccounts/{inputs.service_account}",
        "options": {"logging": "CLOUD_LOGGING_ONLY"},
        "tags": [_tag(inputs)],
    }
    made: dict[str, Any] = rest("cloudbuild", "POST", _builds(inputs), json=body)
    build: dict[str, Any] = made["metadata"]["build"]
    return build


def _going(inputs: ImageInputs) -> dict[str, Any] | None:
    """A build of this very image that a killed run has begun."""
    listed = rest("cloudbuild", "GET", _builds(inputs), params={"filter": f'tags="{_tag(inputs)}"'})
    return next((each for each in listed.get("builds", ()) if each.get("status") in _GOING), None)


def _built(context: Context, inputs: ImageInputs, build: dict[str, Any]) -> None:
    path = f"{_builds(inputs)}/{build['id']}"

    def look() -> dict[str, Any] | None:
        seen: dict[str, Any] = rest("cloudbuild", "GET", path)
        return None if seen.get("status") in _GOING else seen

    try:
        done = wait(context, look, f"the build {build['id']}", longest=_TIMEOUT + 600)
    except Cancelled:
        rest("cloudbuild", "POST", f"{path}:cancel", json={})
        raise
    if done.get("status") != "SUCCESS":
        said = (done.get("failureInfo") or {}).get("detail") or done.get("statusDetail") or ""
        tail = _log(inputs, str(build["id"]))
        raise TargetError(
            "\n".join(filter(None, [f"the image was not built ({done.get('status')})", said, tail])),
            where=str(done.get("logUrl") or path),
            category="transient" if done.get("status") in ("INTERNAL_ERROR", "EXPIRED") else "user",
            remedy="mend what the log names in the environment's packages, its set-up or its Dockerfile; "
            f"all of it: gcloud builds log {build['id']} --region {inputs.location}",
        )


def _log(inputs: ImageInputs, id: str) -> str:
    """The end of a build's log; nothing where it cannot be had."""
    body = {
        "resourceNames": [f"projects/{inputs.project}"],
        "filter": f'resource.type="build" resource.labels.build_id="{id}"',
        "orderBy": "timestamp desc",
        "pageSize": _TAIL,
    }
    try:
        entries = rest("logging", "POST", "/v2/entries:list", json=body).get("entries", [])
    except TargetError:
        return ""
    return "\n".join(str(entry.get("textPayload") or "") for entry in reversed(entries))


def _pushed(image: str) -> str | None:
    """The hash ("sha256:…") of an image that is there under its tag."""
    package, tag = _package(image)
    found = _ignoring_absence("GET", f"{package}/tags/{tag}")
    return str(found["version"]).rpartition("/")[2] if found else None


def _ignoring_absence(method: str, path: str, params: dict[str, str] | None = None) -> Any:
    try:
        return rest("artifactregistry", method, path, params=params)
    except CloudFailure as failure:
        if failure.status == 404:
            return None
        raise


def _package(image: str) -> tuple[str, str]:
    """(path of an image's package in Artifact Registry, its tag)."""
    whole, _, tag = image.rpartition(":")
    base, _, name = whole.rpartition("/")
    found = _BASE.match(base)
    if found is None:
        raise TargetError(
            f"{base} is no repository of Artifact Registry",
            category="user",
            remedy="write registry: projects/P/locations/L/repositories/NAME",
        )
    where = f"/v1/projects/{found['project']}/locations/{found['location']}"
    inside = base[found.end() :].strip("/")
    package = quote(f"{inside}/{name}".strip("/"), safe="")
    return f"{where}/repositories/{found['repository']}/packages/{package}", tag


def _builds(inputs: ImageInputs) -> str:
    return f"/v1/projects/{inputs.project}/locations/{inputs.location}/builds"


def _tag(inputs: ImageInputs) -> str:
    return f"mlstack-{inputs.stack_uid}-{inputs.name}-{inputs.digest}"


def _of_id(image: str) -> dict[str, Any]:
    """What an image's name tells of the inputs that made it."""
    whole, _, tag = image.rpartition(":")
    base, _, name = whole.rpartition("/")
    found = _BASE.match(base)
    where = found.groupdict() if found else {"project": "", "location": ""}
    return {
        "project": where["project"],
        "location": where["location"],
        "repository": base,
        "name": name,
        "digest": tag,
    }
