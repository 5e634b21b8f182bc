"""Runs on SageMaker, of training jobs and of processing jobs: their names, states, outputs.

A run's name is made of the stack and of the job's fingerprint, so that one which was submitted and whose
answer never came is found again. A name that is taken cannot be had again while the run is there: the attempt
after a failure has a number behind it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlstack.content import fingerprint
from mlstack_aws import cloud
from mlstack_aws.requests import RUN

Document = Mapping[str, Any]

ENDED = frozenset({"succeeded", "failed", "cancelled"})
#: The tags by which a stack's runs are told apart.
STACK, JOB, MARK = "mlstack-stack", "mlstack-job", "mlstack-fingerprint"

#: Steps of a training job that goes before its command does.
_BEFORE = frozenset(
    {
        "Pending",
        "Starting",
        "LaunchingMLInstances",
        "PreparingTrainingStack",
        "Downloading",
        "DownloadingTrainingImage",
    }
)
#: How a job ends that the platform has stopped: nobody has cancelled it.
_TOO_LONG = {
    "MaxRuntimeExceeded": "it took longer than its timeout",
    "MaxWaitTimeExceeded": "no spare machine came in time",
}


@dataclass(frozen=True)
class Sort:
    """Training or processing: how the API calls what it has for each."""

    word: str

    @property
    def name_key(self) -> str:
        return f"{self.word}JobName"

    @property
    def log_group(self) -> str:
        return f"/aws/sagemaker/{self.word}Jobs"

    def call(self, sagemaker: Any, verb: str, name: str, **more: Any) -> Any:
        operation = getattr(sagemaker, f"{verb}_{self.word.lower()}_job")
        with cloud.told(f"run {name}"):
            return operation(**{self.name_key: name}, **more)

    def find(self, sagemaker: Any, name: str) -> Document | None:
        with cloud.gone():
            found: Document = self.call(sagemaker, "describe", name)
            return found
        return None

    def listed(self, sagemaker: Any, contains: str) -> list[Document]:
        """Summaries of those whose name holds a text, the newest first."""
        pages = sagemaker.get_paginator(f"list_{self.word.lower()}_jobs").paginate(
            NameContains=contains, SortBy="CreationTime", SortOrder="Descending"
        )
        with cloud.told("runs"):
            return [each for page in pages for each in page[f"{self.word}JobSummaries"]]

    def name_of(self, document: Document) -> str:
        return str(document[self.name_key])

    def arn_of(self, document: Document) -> str:
        return str(document[f"{self.word}JobArn"])

    def status_of(self, document: Document) -> str:
        return str(document[f"{self.word}JobStatus"])


TRAINING, PROCESSING = Sort("Training"), Sort("Processing")
SORTS = {"training": TRAINING, "processing": PROCESSING}


def mark(counts: Mapping[str, Any], nonce: str | None = None) -> str:
    """A job's fingerprint, 12 hex digits."""
    return fingerprint(json.dumps(counts, sort_keys=True), nonce or "")


def beginning(stack_uid: str, job: str) -> str:
    """What the names of all runs of a stack's job begin with."""
    return f"{job}-{fingerprint(stack_uid, 'jobs', job)[:8]}-"


def attempts(
    sort: Sort, sagemaker: Any, stack_uid: str, job: str, made_of: str
) -> Iterator[tuple[str, Document | None]]:
    """Names of runs with one fingerprint, and what is there of each; ends with the first that is free."""
    number = 0
    while True:
        name = beginning(stack_uid, job) + made_of + (f"-r{number}" if number else "")
        found = sort.find(sagemaker, name)
        yield name, found
        if found is None:
            return
        number += 1


def of_stack(sort: Sort, sagemaker: Any, stack_uid: str, job: str) -> list[Document]:
    """All runs of a job that a stack has submitted and that are still there, the newest first."""
    prefix = beginning(stack_uid, job)
    return [each for each in sort.listed(sagemaker, prefix) if sort.name_of(each).startswith(prefix)]


def state_of(sort: Sort, document: Document) -> str:
    """pending, running, succeeded, failed or cancelled."""
    status, step = sort.status_of(document), document.get("SecondaryStatus")
    if status == "InProgress":
        return "pending" if step in _BEFORE else "running"
    if status == "Stopped":
        return "failed" if step in _TOO_LONG else "cancelled"
    return {"Completed": "succeeded", "Failed": "failed"}.get(status, "running")


def reason(document: Document) -> str:
    """Why it has failed, as the platform says."""
    return str(
        document.get("FailureReason")
        or _TOO_LONG.get(str(document.get("SecondaryStatus")))
        or document.get("ExitMessage")
        or ""
    )


def submit(
    sort: Sort, sagemaker: Any, name: str, request: Mapping[str, Any], tags: Mapping[str, Any]
) -> Document:
    """Begin a run; what is there of it then."""
    body = json.loads(json.dumps(request).replace(RUN, name))
    listed = [{"Key": str(key), "Value": str(value)} for key, value in tags.items()]
    sort.call(sagemaker, "create", name, **body, Tags=listed)
    found: Document = sort.call(sagemaker, "describe", name)
    return found


def outputs(
    sort: Sort, document: Document, types: Mapping[str, str], own: str | None, version: str
) -> dict[str, dict[str, str]]:
    """Name -> {uri, version} of what a run puts out; a folder's URI ends with a slash."""
    return {
        name: {"uri": _place(sort, document, name, kind, own), "version": version}
        for name, kind in types.items()
    }


def _place(sort: Sort, document: Document, name: str, kind: str, own: str | None) -> str:
    if sort is PROCESSING:
        held = (document.get("ProcessingOutputConfig") or {}).get("Outputs") or []
        [root] = [each["S3Output"]["S3Uri"] for each in held if each["OutputName"] == name]
    elif name == own:
        root = document["CheckpointConfig"]["S3Uri"]
    else:
        place = (document.get("ModelArtifacts") or {}).get("S3ModelArtifacts")
        if not place or not place.rstrip("/").endswith("/output/model"):  # before its end
            root = document["OutputDataConfig"]["S3OutputPath"].rstrip("/")
            place = f"{root}/{sort.name_of(document)}/output/model"
        root = f"{place.rstrip('/')}/{name}"
    return f"{root.rstrip('/')}/{name if kind == 'file' else ''}"


def page(sort: Sort, document: Document) -> str:
    """The run's page in the console."""
    region = sort.arn_of(document).split(":")[3]
    kind = "jobs" if sort is TRAINING else "processing-jobs"
    return (
        f"https://{region}.console.aws.amazon.com/sagemaker/home?region={region}#/{kind}/"
        f"{sort.name_of(document)}"
    )


def wait(sort: Sort, sagemaker: Any, name: str, context: Any, log: Callable[[str], None]) -> Document:
    """Wait until a run has ended; each change of its state is a line. Raises `cloud.Interrupted`."""
    told = ""

    def look() -> Document | None:
        nonlocal told
        document: Document = sort.call(sagemaker, "describe", name)
        step = str(document.get("SecondaryStatus") or sort.status_of(document))
        if step != told:
            log(f"run {name}: {step}")
            told = step
        return document if state_of(sort, document) in ENDED else None

    return cloud.wait(context, look, f"run {name}", longest=20.0)


def stop(sort: Sort, sagemaker: Any, document: Document) -> bool:
    """Cancel a run; whether it was going."""
    if state_of(sort, document) in ENDED:
        return False
    sort.call(sagemaker, "stop", sort.name_of(document))
    return True
