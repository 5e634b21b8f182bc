"""What is still there when a stack is down, and what the platform keeps of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlstack.rehearsal import Kept
from mlstack_gcp.rehearsal.cloud import KEPT, SEEDED, Cloud

RUN = "the record of a run stays, as on the platform, until it is deleted by hand"
WRITTEN = (
    "what a run wrote stays in a bucket that is not the stack's own "
    "(cloud.google.com/vertex-ai/docs/training/code-requirements)"
)
AGENT = (
    "Google's own accounts can use a key as long as anything may be encrypted with it "
    "(cloud.google.com/kms/docs/cmek)"
)
_AGENT = re.compile(r"@(gcp-sa-[\w-]+|gs-project-accounts)\.iam\.gserviceaccount\.com$")
#: Where runs write, in the stack's own folder of a bucket.
_FOLDER = re.compile(r"[^/]+/mlstack/[^/]+/(runs|scored)/[^/]+/")
_RUNS = (
    "aiplatform:CustomJob",
    "aiplatform:BatchPredictionJob",
    "aiplatform:PipelineJob",
    "cloudbuild:Build",
    "aiplatform:operation",
)


def leftovers(cloud: Cloud) -> Iterator[Kept]:
    """All that was neither seeded nor made by the platform, with the reason where there is one."""
    kept = {id.removeprefix(KEPT): str(body.get("why")) for id, _, body in cloud.world.under(KEPT)}
    seeded = {id.removeprefix(SEEDED).lower() for id, _, _ in cloud.world.under(SEEDED)}
    for id, kind, _ in cloud.world.under():
        if id.startswith(("~", "iam/")) or id.lower() in seeded or kind == "aiplatform:operation":
            continue
        above = id
        while above and above not in kept:  # what is below it stays with it
            above = above.rpartition("/")[0]
        yield Kept(id, kept.get(above) or (RUN if kind in _RUNS else ""))
    for id, kind, document in cloud.world.under("iam/"):
        about = id.removeprefix("iam/")
        if kind == "iam":
            for one in document["bindings"]:
                for member in one["members"]:
                    grant = f"{about} {one['role']} {member}"
                    agent = "/cryptoKeys/" in about and _AGENT.search(member)
                    if grant.lower() not in seeded:
                        yield Kept(grant, AGENT if agent else "")
    folders = set()
    for path in cloud.world.blobs():
        if run := _FOLDER.match(path):
            folders.add(f"gs://{run[0]}")
        elif not path.startswith("~"):
            yield Kept(f"gs://{path}", "")
    yield from (Kept(folder, WRITTEN) for folder in sorted(folders))
