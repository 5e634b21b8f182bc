"""What a cluster is to Google Cloud."""

from __future__ import annotations

import json

from providers.gcp.tests.kinds.lower import Lower, Refused

CLUSTER = """
compute:
  work:
    cluster:
      type: gke
      name: prod
      node_pools: {gpu: {size: gpu-t4, min: 0, max: 2, spot: true, disk: 200}}
"""


def test_a_cluster_has_its_pools_and_one_for_itself(lower: Lower) -> None:
    sent = lower(CLUSTER)
    [name] = sent.names("Cluster")
    cluster = sent.inputs("Cluster", name)
    assert (cluster["name"], cluster["location"]) == ("prod", "europe-west4")
    assert cluster["removeDefaultNodePool"] is True
    assert cluster["masterAuth"] == {"clientCertificateConfig": {"issueClientCertificate": False}}
    assert cluster["workloadIdentityConfig"] == {"workloadPool": "ml-prod.svc.id.goog"}
    assert "privateClusterConfig" not in cluster
    pools = {each: sent.inputs("NodePool", each) for each in sent.names("NodePool")}
    assert {each.rpartition("-")[2] for each in pools} == {"gpu", "system"}
    gpu = next(one for each, one in pools.items() if each.endswith("gpu"))
    assert gpu["autoscaling"] == {"totalMinNodeCount": 0, "totalMaxNodeCount": 2, "locationPolicy": "ANY"}
    node = gpu["nodeConfig"]
    assert (node["machineType"], node["spot"], node["diskSizeGb"]) == ("n1-standard-4", True, 200)
    assert node["guestAccelerators"] == [
        {
            "type": "nvidia-tesla-t4",
            "count": 1,
            "gpuDriverInstallationConfig": {"gpuDriverVersion": "DEFAULT"},
        }
    ]
    assert node["workloadMetadataConfig"] == {"mode": "GKE_METADATA"}


def test_users_of_the_kubeconfig_sign_in_by_the_plugin(lower: Lower) -> None:
    held = json.loads(lower(CLUSTER).output("Compute", "work")["kubeconfig"])
    [user] = held["users"]
    assert user["user"]["exec"]["command"] == "gke-gcloud-auth-plugin"
    assert held["clusters"][0]["cluster"]["server"] == "https://34.1.2.3"
    assert held["current-context"] == held["contexts"][0]["name"] == "prod"


def test_a_strict_cluster_is_private_and_encrypted_by_the_key(lower: Lower) -> None:
    key = "projects/ml-prod/locations/europe-west4/keyRings/r/cryptoKeys/k"
    sent = lower(f"security: strict\nworkspace: {{encryption_key: {key}}}\n{CLUSTER}")
    cluster = sent.inputs("Cluster", *sent.names("Cluster"))
    assert cluster["privateClusterConfig"] == {"enablePrivateNodes": True, "enablePrivateEndpoint": True}
    assert cluster["databaseEncryption"] == {"state": "ENCRYPTED", "keyName": key}
    assert cluster["network"]
    assert cluster["subnetwork"]
    assert all(
        sent.inputs("NodePool", n)["nodeConfig"]["bootDiskKmsKey"] == key for n in sent.names("NodePool")
    )


def test_what_clusters_are_refused(refusals: Refused) -> None:
    told = refusals("compute: {work: {cluster: {type: aks}}}\njobs: {one: {command: x, compute: work}}")
    assert told == {
        "compute.work.cluster.type": "Google Cloud makes no clusters of type aks",
        "jobs.one.compute": "Vertex AI runs jobs on machines of its own, and on no cluster of GKE",
    }
