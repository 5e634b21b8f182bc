"""Cloud Build and what it leaves in Artifact Registry (cloud.google.com/build/docs/api/reference/rest/v1)."""

from __future__ import annotations

import hashlib
import re
import uuid
from typing import Any
from urllib.parse import unquote

from mlstack.rehearsal.wsgi import Answer, Request
from mlstack_gcp.rehearsal import logs, operations
from mlstack_gcp.rehearsal.cloud import Cloud, Document, now
from mlstack_gcp.rehearsal.refusals import Refused, invalid

KIND, IMAGE, TAG = "cloudbuild:Build", "artifactregistry:Version", "artifactregistry:Tag"
_BUILD = "google.devtools.cloudbuild.v1."
_BUILDS = re.compile(r"/v1/(projects/[^/]+(?:/locations/[^/]+)?)/builds(?:/([^/:]+))?(?::(\w+))?")
_REPOSITORY = re.compile(
    r"/v1/(projects/[^/]+/locations/[^/]+/repositories/[^/]+)(?:/(packages|dockerImages)(.*))?"
)
_IMAGE = re.compile(r"([a-z0-9-]+)-docker\.pkg\.dev/([^/]+)/([^/]+)/([^:@]+)(?::([\w.-]+))?")
_NEXT = {"QUEUED": "WORKING", "WORKING": "SUCCESS"}


def serve(cloud: Cloud, request: Request) -> Answer | None:
    if match := _BUILDS.fullmatch(request.path):
        return Answer.json(200, _builds(cloud, request, match))
    if match := _REPOSITORY.fullmatch(request.path):
        return _registry(cloud, request, cloud.canonical(match[1]), match[2], unquote(match[3] or ""))
    return None


def _builds(cloud: Cloud, request: Request, match: re.Match[str]) -> Document:
    parent = cloud.canonical(match[1])
    if "/locations/" not in parent:
        parent += "/locations/global"
    if match[2] is None:
        if request.method == "POST":
            return _create(cloud, parent, request.json())
        return {"builds": [one for _, one in cloud.of(KIND, f"{parent}/builds/") if _wanted(one, request)]}
    name = f"{parent}/builds/{match[2]}"
    if match[3] == "cancel":
        with cloud.world.transaction():
            build = cloud.there(name)
            if build["status"] in _NEXT:
                build["status"] = "CANCELLED"
            cloud.put(name, KIND, build)
            return build
    return _looked_at(cloud, name)


def _create(cloud: Cloud, parent: str, build: Document) -> Document:
    steps = build.get("steps") or []
    if not steps:
        raise invalid("invalid build: no build steps specified")
    for at, step in enumerate(steps):
        if not step.get("name"):
            raise invalid(f"invalid build: invalid build step {at}: no name")
    for image in build.get("images", []):
        _repository(cloud, image)
    source = (build.get("source") or {}).get("storageSource")
    if source and cloud.world.get_blob(f"{source['bucket']}/{source['object']}") is None:
        raise Refused("NOT_FOUND", f"Could not fetch source gs://{source['bucket']}/{source['object']}.")
    account = (build.get("serviceAccount") or "").rpartition("/")[2]
    if account and cloud.get(f"projects/{cloud.project}/serviceAccounts/{account}") is None:
        raise Refused("NOT_FOUND", f"Service account {account} does not exist.")
    logged = (build.get("options") or {}).get("logging")
    if account and not build.get("logsBucket") and logged not in ("CLOUD_LOGGING_ONLY", "NONE"):
        # cloud.google.com/build/docs/securing-builds/configure-user-specified-service-accounts
        raise invalid(
            "if 'build.service_account' is specified, the build must either (a) specify "
            "'build.logs_bucket', (b) use the REGIONAL_USER_OWNED_BUCKET "
            "build.options.default_logs_bucket_behavior option, or (c) use either CLOUD_LOGGING_ONLY / "
            "NONE logging options"
        )
    id = str(uuid.uuid4())
    name = f"{parent}/builds/{id}"
    place = {"name": cloud.numbered(name), "id": id, "projectId": cloud.project}
    document = {**build, **place, "status": "QUEUED", "createTime": now()}
    cloud.put(name, KIND, document)
    return operations.begin(cloud, parent, _BUILD + "BuildOperationMetadata", document, _BUILD + "Build") | {
        "metadata": {"@type": f"type.googleapis.com/{_BUILD}BuildOperationMetadata", "build": document}
    }


def _looked_at(cloud: Cloud, name: str) -> Document:
    """A build, a step further on; at the end its images are there."""
    with cloud.world.transaction():
        build = cloud.there(name)
        after = _NEXT.get(build["status"])
        if after is None:
            return build
        build["status"] = after
        if after == "SUCCESS":
            build["results"] = {"images": [_pushed(cloud, image) for image in build.get("images", [])]}
            build["finishTime"] = now()
            logs.write(cloud, build["id"], "build", {"build_id": build["id"]}, "rehearsed, nothing was built")
        else:
            build["startTime"] = now()
        cloud.put(name, KIND, build)
    return build


def _repository(cloud: Cloud, image: str) -> str | None:
    """The repository of an image, where it is one of Artifact Registry. Refused: it is not there."""
    match = _IMAGE.fullmatch(image)
    if match is None:
        return None
    name = f"projects/{match[2]}/locations/{match[1]}/repositories/{match[3]}"
    if cloud.get(name) is None:
        raise Refused("NOT_FOUND", f'Repository "{match[3]}" not found')
    return name


def _pushed(cloud: Cloud, image: str) -> Document:
    digest = "sha256:" + hashlib.sha256(image.encode()).hexdigest()
    match, repository = _IMAGE.fullmatch(image), _repository(cloud, image)
    if match and repository:
        package = f"{repository}/packages/{match[4].replace('/', '%2F')}"
        version = {"name": f"{package}/versions/{digest}", "createTime": now()}
        cloud.put(version["name"], IMAGE, version)
        tag = f"{package}/tags/{match[5] or 'latest'}"
        cloud.put(tag, TAG, {"name": tag, "version": version["name"]})
    return {"name": image, "digest": digest}


def _wanted(build: Document, request: Request) -> bool:
    tags = re.findall(r'tags\s*[=:]\s*"([^"]+)"', request.query.get("filter", ""))
    state = re.search(r'status\s*=\s*"(\w+)"', request.query.get("filter", ""))
    return set(tags) <= set(build.get("tags", [])) and (not state or build["status"] == state[1])


def _registry(cloud: Cloud, request: Request, repository: str, below: str | None, rest: str) -> Answer:
    cloud.there(repository)
    if below is None:
        return Answer.json(200, cloud.there(repository))
    steps = re.fullmatch(r"(?:/(.+?))?(?:/(versions|tags)(?:/([^/]+))?)?", rest)
    package, kind, id = steps.groups() if steps else (None, None, None)
    base = f"{repository}/packages"
    if below == "dockerImages" or package is None or (kind and id is None):
        under = base if package is None else f"{base}/{package.replace('/', '%2F')}/{kind}"
        token = TAG if kind == "tags" else IMAGE
        found: list[Any] = [one for _, one in cloud.of(token, f"{under}/")]
        return Answer.json(200, {kind or below: found})
    name = f"{base}/{package.replace('/', '%2F')}" + (f"/{kind}/{id}" if kind else "")
    if request.method != "DELETE":
        if kind is None:
            if not any(cloud.world.under(f"{name}/")):
                raise Refused("NOT_FOUND", f"Package {name} not found.")
            return Answer.json(200, {"name": name})
        return Answer.json(200, cloud.there(name))
    with cloud.world.transaction():
        tags = [tag for tag, one in cloud.of(TAG, f"{base}/") if one["version"] == name]
        if kind:
            cloud.there(name)
        if tags and request.query.get("force") != "true":
            raise Refused("FAILED_PRECONDITION", f"Version {name} has tags; delete them first, or use force.")
        below_it = [] if kind else [one for one, _, _ in cloud.world.under(f"{name}/")]
        for one in (name, *tags, *below_it):
            cloud.world.remove(one)
    if kind == "tags":
        return Answer.json(200, {})
    about = "google.devtools.artifactregistry.v1.OperationMetadata"
    return Answer.json(
        200, operations.begin(cloud, repository.rpartition("/repositories/")[0], about, {}, operations.EMPTY)
    )
