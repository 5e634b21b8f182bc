"""Long-running operations: accepted, polled a few times, done (ARM, "Track asynchronous Azure operations").

The resource is made at once; what takes time is the answer. So a caller that was killed while it polled finds
the resource there, as on the platform.
"""

from __future__ import annotations

import uuid
from typing import Any

from mlstack.rehearsal.wsgi import Answer, Request
from mlstack_azure.rehearsal import ids, outputs
from mlstack_azure.rehearsal.cloud import Cloud

#: Types whose create, update and delete the REST reference describes as asynchronous.
LONG = frozenset(
    {
        *(
            f"machinelearningservices:{name}"
            for name in (
                "Workspace",
                "Registry",
                "Compute",
                "OnlineEndpoint",
                "OnlineDeployment",
                "BatchEndpoint",
                "BatchDeployment",
                "Schedule",
                "ManagedNetworkSettingsRule",
            )
        ),
        "storage:StorageAccount",
        "containerregistry:Registry",
        "operationalinsights:Workspace",
        "network:VirtualNetwork",
        "network:Subnet",
        "network:NetworkSecurityGroup",
        "network:PrivateEndpoint",
        "network:PrivateDnsZoneGroup",
        "privatedns:PrivateZone",
        "privatedns:VirtualNetworkLink",
        "containerservice:ManagedCluster",
        "containerservice:AgentPool",
        "kubernetesconfiguration:Extension",
        "resources:ResourceGroup",
    }
)
POLLS = 2
_SOON = {"Retry-After": "1", "retry-after-ms": "20"}


def begin(cloud: Cloud, request: Request, id: str, answer: Any = None) -> dict[str, str]:
    """The headers that say where to ask. ``answer``: what the place of the result says in the end."""
    name = str(uuid.uuid4())
    cloud.world.put(f"/operations/{name}", "operation", {"left": POLLS, "id": id, "answer": answer})
    base = f"{request.base}/subscriptions/{cloud.subscription}/providers/{ids.ML}/locations/"
    base += (cloud.region or "westeurope") + "/mfeOperation"
    tail = f"/{name}?api-version={request.query.get('api-version', '2025-12-01')}"
    return {"Azure-AsyncOperation": f"{base}sStatus{tail}", "Location": f"{base}Results{tail}", **_SOON}


def poll(cloud: Cloud, request: Request) -> Answer | None:
    """The answer to one who asks how an operation is going; None when it is no such question."""
    *_, kind, name = ["", *request.path.strip("/").split("/")]
    if request.method != "GET" or kind not in ("mfeOperationsStatus", "mfeOperationResults"):
        return None
    place = f"/operations/{name}"
    with cloud.world.transaction():
        found = cloud.world.get(place)
        if found is None:
            return Answer.json(
                404, {"error": {"code": "OperationNotFound", "message": f"There is no operation {name}."}}
            )
        left = found["left"]
        if left > 0:
            cloud.world.put(place, "operation", found | {"left": left - 1})
    if kind == "mfeOperationsStatus":
        status = "InProgress" if left > 0 else "Succeeded"
        times = {"startTime": outputs.WHEN, "percentComplete": 50.0 if left else 100.0}
        return Answer.json(200, {"id": place, "name": name, "status": status, **times}, _SOON if left else {})
    if left > 0:
        again = f"{request.base}{request.path}?api-version={request.query.get('api-version', '')}"
        return Answer(202, b"", {"Location": again, **_SOON})
    if found["answer"] is None:
        return Answer(204)
    return Answer.json(200, found["answer"])
