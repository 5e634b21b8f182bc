"""What the Vertex AI target needs: packages, credentials, a project with its services, rights, quota."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mlstack.errors import MlstackError
from mlstack_gcp import account, cloud, region
from mlstack_gcp.services import ALWAYS

Check = tuple[str, bool, str]

_PACKAGES = ("pulumi-gcp", "google-auth", "google-cloud-aiplatform", "google-cloud-storage")
#: Right that is needed -> the least role that has it.
_RIGHTS = {
    "aiplatform.endpoints.create": "roles/aiplatform.admin",
    "storage.buckets.create": "roles/storage.admin",
    "iam.serviceAccounts.create": "roles/iam.serviceAccountAdmin",
    "resourcemanager.projects.setIamPolicy": "roles/resourcemanager.projectIamAdmin",
    "serviceusage.services.enable": "roles/serviceusage.serviceUsageAdmin",
    "cloudbuild.builds.create": "roles/cloudbuild.builds.editor",
    "artifactregistry.repositories.create": "roles/artifactregistry.admin",
}
#: A quota this full is worth saying so.
_FULL = 0.9


def checks(settings: Any) -> Iterator[Check]:
    """One line after another; what cannot be looked at without the one before is left out."""
    yield _packages()
    if cloud.emulated():
        yield "gcp credentials", True, "a rehearsal needs none"
    else:
        found = _credentials()
        yield found
        if not found[1]:
            return
    project = account.named_project(settings)
    if project is None:
        yield (
            "gcp project",
            False,
            "none is named; set settings.gcp.project or GOOGLE_CLOUD_PROJECT (`gcloud projects list`)",
        )
        return
    for look in (_project, _services, _rights, _quota):
        try:
            yield look(project)
        except MlstackError as error:
            yield f"gcp {look.__name__[1:]}", False, f"{error.message.splitlines()[0]}; {error.remedy}"


def _packages() -> Check:
    found = []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            return "gcp packages", False, f"{name} is missing; pip install 'mlstack[gcp]'"
    return "gcp packages", True, ", ".join(found)


def _credentials() -> Check:
    """Whether a token is given for them."""
    import google.auth
    from google.auth.transport.requests import Request

    try:
        with cloud.told("Google's credentials"):
            held, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
            held.refresh(Request())  # type: ignore[no-untyped-call]
    except MlstackError as error:
        return "gcp credentials", False, f"{error.message.splitlines()[0]}; {error.remedy}"
    return "gcp credentials", True, "accepted"


def _project(project: str) -> Check:
    found = cloud.rest("cloudresourcemanager", "GET", f"/v1/projects/{project}")
    state = str(found.get("lifecycleState") or "ACTIVE")
    shown = f"{found.get('name') or project} ({project})"
    return "gcp project", state == "ACTIVE", shown if state == "ACTIVE" else f"{shown} is {state}"


def _services(project: str) -> Check:
    """Those that are off: `up` switches them on, where it may."""
    on: set[str] = set()
    params: dict[str, Any] = {"filter": "state:ENABLED", "pageSize": 200}
    while True:
        page = cloud.rest("serviceusage", "GET", f"/v1/projects/{project}/services", params=params)
        on |= {str(each.get("name", "")).rpartition("/")[2] for each in page.get("services", ())}
        if not page.get("nextPageToken"):
            break
        params["pageToken"] = page["nextPageToken"]
    off = [f"{name}.googleapis.com" for name in ALWAYS if f"{name}.googleapis.com" not in on]
    if off:
        return "gcp services", True, f"off, and switched on by the first `up`: {', '.join(off)}"
    return "gcp services", True, "all that a stack needs are on"


def _rights(project: str) -> Check:
    """What we may do, by the platform's own answer."""
    path = f"/v1/projects/{project}:testIamPermissions"
    found = cloud.rest("cloudresourcemanager", "POST", path, json={"permissions": list(_RIGHTS)})
    held = set(found.get("permissions", ()))
    missing = sorted({role for right, role in _RIGHTS.items() if right not in held})
    if missing:
        return "gcp rights", False, f"ask for {', '.join(missing)} in the project {project}"
    return "gcp rights", True, "enough to make all that the target makes"


def _quota(project: str) -> Check:
    """Quotas of Compute Engine in the region that are used up, or nearly so: private networks and clusters
    count there. Those of Vertex AI itself are shown by the console alone."""
    where = region.usual(lambda _key: None)
    found = cloud.rest("compute", "GET", f"/compute/v1/projects/{project}/regions/{where}")
    full = [
        f"{each['metric']} {each['usage']:.0f} of {each['limit']:.0f}"
        for each in found.get("quotas", ())
        if each.get("limit") and each.get("usage", 0) / each["limit"] >= _FULL
    ]
    return "gcp quota", True, f"nearly used up: {', '.join(full)}" if full else f"room in {where}"
