"""The repository of images, and the account that Cloud Build works as: made when an image has to be built."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack_gcp import identity, services
from mlstack_gcp.names import labels, physical
from mlstack_gcp.place import Place, place
from mlstack_gcp.values import join, lift

_KEY = "gcp.registry"
_PATH = re.compile(r"projects/(?P<project>[^/]+)/locations/(?P<location>[^/]+)/repositories/(?P<name>[^/]+)")


@dataclass(frozen=True)
class Repository:
    """``base``: ``LOCATION-docker.pkg.dev/PROJECT/NAME``; ``builder``: e-mail of the account that builds."""

    base: pulumi.Input[str]
    builder: pulumi.Input[str]
    resources: tuple[pulumi.Resource, ...]


def repository(build: Build) -> Repository:
    """The repository of this program; made below the workspace when it is first asked for."""
    here = place(build)
    if _KEY not in build.shared:
        build.shared[_KEY] = _made(here.workspace, here)
    found: Repository = build.shared[_KEY]
    return found


def base(id: str) -> str:
    """Where the images of a repository are, by its path or as Docker names it."""
    found = _PATH.search(id)
    return f"{found['location']}-docker.pkg.dev/{found['project']}/{found['name']}" if found else id


def _path(id: str) -> tuple[str, str, str]:
    """(project, location, name) of a repository, however it is named."""
    found = _PATH.search(id)
    if found:
        return found["project"], found["location"], found["name"]
    host, _, rest = id.partition("/")
    project, _, name = rest.partition("/")
    return project, host.removesuffix("-docker.pkg.dev"), name.partition("/")[0]


def _made(build: Build, here: Place) -> Repository:
    """One of the stack's own, or the one that the spec names, which only gets the rights of our accounts."""
    from pulumi_gcp import artifactregistry

    wait = [services.switched_on(build, here.project, name) for name in ("artifactregistry", "cloudbuild")]
    given = build.spec.registry
    if given is not None:
        project = lift(given, lambda id: _path(id)[0])
        location = lift(given, lambda id: _path(id)[1])
        name = lift(given, lambda id: _path(id)[2])
        where = lift(given, base)
    else:
        made = build.make(
            artifactregistry.Repository,
            "registry",
            options={"depends_on": [*wait, *here.resources]},
            project=here.project,
            location=here.region,
            # neither its place nor its key can be changed: another one needs a name of its own
            repository_id=lift(
                here.key or "", lambda key: physical(build, longest=63, generation=f"{here.region}{key}")
            ),
            format="DOCKER",
            description="Images of an mlstack stack",
            kms_key_name=here.key,
            labels=labels(build),
        )
        project, location, name = here.project, here.region, made.repository_id
        where = join(here.region, "-docker.pkg.dev/", project, "/", name)
    builder = _builder(build, here, wait)
    member = pulumi.Output.concat("serviceAccount:", builder.email)
    members = [("builder", "writer", member)]
    if given is None or identity.is_own(build):  # else another stack would grant the same, and take it away
        members.append(("worker", "reader", join("serviceAccount:", here.role)))
    grants: list[pulumi.Resource] = [
        build.make(
            artifactregistry.RepositoryIamMember,
            "registry",
            who,
            project=project,
            location=location,
            repository=name,
            role=f"roles/artifactregistry.{role}",
            member=whom,
        )
        for who, role, whom in members
    ]
    return Repository(where, builder.email, (*wait, *grants, *_rights(build, here, member)))


def _builder(build: Build, here: Place, wait: list[pulumi.Resource]) -> Any:
    from pulumi_gcp import serviceaccount

    return build.make(
        serviceaccount.Account,
        "builder",
        options={"depends_on": wait},
        project=here.project,
        account_id=physical(build, "build", longest=30),
        display_name=f"mlstack: builds the images of {pulumi.get_project()}",
        description=f"mlstack-stack={build.stack_uid}",
    )


def _rights(build: Build, here: Place, member: pulumi.Input[str]) -> tuple[pulumi.Resource, ...]:
    """What a build needs beside the repository: its context, and a place for its log."""
    from pulumi_gcp import projects, storage

    return (
        build.make(
            storage.BucketIAMMember,
            "bucket",
            "builder",
            bucket=here.bucket,
            role="roles/storage.objectViewer",
            member=member,
        ),
        build.make(
            projects.IAMMember,
            "builder",
            "logs",
            project=here.project,
            role="roles/logging.logWriter",
            member=member,
        ),
    )
