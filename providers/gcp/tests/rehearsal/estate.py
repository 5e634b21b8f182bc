"""A small estate of every type: inputs as pulumi-gcp sends them, each after what it needs."""

from __future__ import annotations

import json
from typing import Any

PROJECT = "demo-project"
REGION = "europe-west4"
WHO = f"runner@{PROJECT}.iam.gserviceaccount.com"
MEMBER = {"member": f"serviceAccount:{WHO}"}
NETWORK = f"projects/{PROJECT}/global/networks/net"
LABELS = {"labels": {"team": "vision"}}
HERE = {"location": REGION}

ESTATE: dict[str, dict[str, Any]] = {
    "projects/service:Service": {"service": "aiplatform.googleapis.com", "disableOnDestroy": False},
    "serviceaccount/account:Account": {"accountId": "runner", "displayName": "Runs the models"},
    "projects/iAMMember:IAMMember": {"project": PROJECT, "role": "roles/aiplatform.user", **MEMBER},
    "storage/bucket:Bucket": {
        "name": "demo-bucket",
        "location": REGION,
        "uniformBucketLevelAccess": True,
        "publicAccessPrevention": "enforced",
        "forceDestroy": False,
        "versioning": {"enabled": True},
        "lifecycleRules": [
            {"action": {"type": "Delete"}, "condition": {"age": 30.0, "matchesPrefixes": ["old/"]}},
        ],
        **LABELS,
    },
    "storage/bucketIAMMember:BucketIAMMember": {
        "bucket": "demo-bucket",
        "role": "roles/storage.objectAdmin",
        **MEMBER,
    },
    "artifactregistry/repository:Repository": {
        **HERE,
        "repositoryId": "images",
        "format": "DOCKER",
        "description": "Images",
        **LABELS,
    },
    "artifactregistry/repositoryIamMember:RepositoryIamMember": {
        **HERE,
        "repository": "images",
        "role": "roles/artifactregistry.reader",
        **MEMBER,
    },
    "serviceaccount/iAMMember:IAMMember": {
        "serviceAccountId": f"projects/{PROJECT}/serviceAccounts/{WHO}",
        "role": "roles/iam.serviceAccountUser",
        **MEMBER,
    },
    "secretmanager/secret:Secret": {"secretId": "token", "replication": {"auto": {}}, **LABELS},
    "secretmanager/secretVersion:SecretVersion": {
        "secret": f"projects/{PROJECT}/secrets/token",
        "secretData": "hidden",
    },
    "secretmanager/secretIamMember:SecretIamMember": {
        "secretId": "token",
        "role": "roles/secretmanager.secretAccessor",
        **MEMBER,
    },
    "kms/keyRing:KeyRing": {"name": "ring", **HERE},
    "kms/cryptoKey:CryptoKey": {
        "keyRing": f"projects/{PROJECT}/locations/{REGION}/keyRings/ring",
        "name": "key",
        "rotationPeriod": "7776000s",
        **LABELS,
    },
    "kms/cryptoKeyIAMMember:CryptoKeyIAMMember": {
        "cryptoKeyId": f"projects/{PROJECT}/locations/{REGION}/keyRings/ring/cryptoKeys/key",
        "role": "roles/cloudkms.cryptoKeyEncrypterDecrypter",
        **MEMBER,
    },
    "projects/serviceIdentity:ServiceIdentity": {"service": "aiplatform.googleapis.com"},
    "vertex/aiEndpoint:AiEndpoint": {
        **HERE,
        "name": "1234567890",
        "displayName": "digits",
        "dedicatedEndpointEnabled": True,
        "region": REGION,
        "description": "Reads digits",
        **LABELS,
    },
    "vertex/aiDeploymentResourcePool:AiDeploymentResourcePool": {
        "name": "pool",
        "region": REGION,
        "dedicatedResources": {
            "machineSpec": {"machineType": "n1-standard-4"},
            "minReplicaCount": 1.0,
            "maxReplicaCount": 2.0,
        },
    },
    "vertex/aiPersistentResource:AiPersistentResource": {
        "name": "cluster",
        **HERE,
        "displayName": "cluster",
        "resourcePools": [{"machineSpec": {"machineType": "n1-standard-4"}, "replicaCount": "1"}],
    },
    "vertex/aiMetadataStore:AiMetadataStore": {"name": "default", "region": REGION, "description": "All"},
    "vertex/aiTensorboard:AiTensorboard": {"displayName": "board", "region": REGION, **LABELS},
    "compute/network:Network": {"name": "net", "autoCreateSubnetworks": False, "routingMode": "REGIONAL"},
    "compute/subnetwork:Subnetwork": {
        "name": "inner",
        "region": REGION,
        "network": NETWORK,
        "ipCidrRange": "10.0.0.0/24",
        "privateIpGoogleAccess": True,
    },
    "compute/globalAddress:GlobalAddress": {
        "name": "range",
        "purpose": "VPC_PEERING",
        "addressType": "INTERNAL",
        "prefixLength": 16.0,
        "network": NETWORK,
        **LABELS,
    },
    "compute/address:Address": {"name": "psc", "region": REGION, "addressType": "INTERNAL", **LABELS},
    "compute/forwardingRule:ForwardingRule": {
        "name": "psc",
        "region": REGION,
        "loadBalancingScheme": "",
        "target": "projects/x/regions/r/s/a",
        "network": NETWORK,
        "ipAddress": "10.0.0.5",
        **LABELS,
    },
    "compute/firewall:Firewall": {
        "name": "inside",
        "network": NETWORK,
        "description": "Within",
        "sourceRanges": ["10.0.0.0/24"],
        "allows": [{"protocol": "tcp", "ports": ["443"]}],
    },
    "servicenetworking/connection:Connection": {
        "network": NETWORK,
        "service": "servicenetworking.googleapis.com",
        "reservedPeeringRanges": ["range"],
    },
    "container/cluster:Cluster": {
        **HERE,
        "name": "work",
        "initialNodeCount": 1.0,
        "removeDefaultNodePool": True,
        "deletionProtection": False,
        "network": NETWORK,
        "networkingMode": "VPC_NATIVE",
        "ipAllocationPolicy": {},
        "datapathProvider": "ADVANCED_DATAPATH",
        "releaseChannel": {"channel": "REGULAR"},
        "workloadIdentityConfig": {"workloadPool": f"{PROJECT}.svc.id.goog"},
        "masterAuth": {"clientCertificateConfig": {"issueClientCertificate": False}},
        "privateClusterConfig": {"enablePrivateNodes": True, "enablePrivateEndpoint": True},
        "resourceLabels": {"team": "vision"},
    },
    "container/nodePool:NodePool": {
        **HERE,
        "name": "gpu",
        "cluster": "work",
        "initialNodeCount": 0.0,
        "autoscaling": {"totalMinNodeCount": 0.0, "totalMaxNodeCount": 2.0, "locationPolicy": "ANY"},
        "management": {"autoRepair": True, "autoUpgrade": True},
        "nodeConfig": {
            "machineType": "n1-standard-4",
            "guestAccelerators": [{"type": "nvidia-tesla-t4", "count": 1.0}],
            "spot": True,
            "workloadMetadataConfig": {"mode": "GKE_METADATA"},
        },
    },
    "bigquery/dataset:Dataset": {"datasetId": "captures", "location": REGION, "description": "All", **LABELS},
    "bigquery/table:Table": {
        "datasetId": "captures",
        "tableId": "digits",
        "description": "Asked and answered",
        "deletionProtection": False,
        "schema": json.dumps([{"name": "endpoint", "type": "STRING"}]),
        "timePartitioning": {"type": "DAY", "field": "logging_time"},
    },
    "bigquery/datasetIamMember:DatasetIamMember": {
        "datasetId": "captures",
        "role": "roles/bigquery.dataEditor",
        **MEMBER,
    },
    "monitoring/notificationChannel:NotificationChannel": {
        "displayName": "mail",
        "type": "email",
        "labels": {"email_address": "team@example.com"},
    },
    "monitoring/alertPolicy:AlertPolicy": {
        "displayName": "slow",
        "combiner": "OR",
        "userLabels": {"team": "vision"},
        "conditions": [
            {
                "displayName": "slow answers",
                "conditionThreshold": {
                    "filter": 'metric.type="aiplatform.googleapis.com/prediction/online/error_count" AND '
                    'resource.type="aiplatform.googleapis.com/Endpoint"',
                    "comparison": "COMPARISON_GT",
                    "thresholdValue": 500.0,
                    "duration": "300s",
                    "aggregations": [{"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_PERCENTILE_95"}],
                },
            }
        ],
    },
    "monitoring/dashboard:Dashboard": {
        "dashboardJson": json.dumps(
            {"displayName": "digits", "gridLayout": {"columns": "2"}}, sort_keys=True
        ),
    },
    "logging/metric:Metric": {"name": "errors", "filter": "severity>=ERROR", "description": "Errors"},
    "pubsub/topic:Topic": {"name": "alerts", **LABELS},
    "pubsub/topicIAMMember:TopicIAMMember": {"topic": "alerts", "role": "roles/pubsub.publisher", **MEMBER},
    "cloudscheduler/job:Job": {
        "name": "nightly",
        "region": REGION,
        "schedule": "0 3 * * *",
        "timeZone": "UTC",
        "description": "Nightly",
        "httpTarget": {
            "uri": f"https://{REGION}-aiplatform.googleapis.com/v1/projects/{PROJECT}/locations/{REGION}/customJobs",
            "httpMethod": "POST",
            "body": "e30=",
            "oauthToken": {"serviceAccountEmail": WHO},
        },
    },
    "billing/budget:Budget": {
        "billingAccount": "000000-000000-000000",
        "displayName": "month",
        "amount": {"specifiedAmount": {"currencyCode": "USD", "units": "100"}},
        "thresholdRules": [{"thresholdPercent": 0.5}],
    },
}

#: What each type changes in place; nothing where each change makes a new one.
CHANGES: dict[str, dict[str, Any]] = {
    "serviceaccount/account:Account": {"displayName": "Other"},
    "storage/bucket:Bucket": {"versioning": {"enabled": False}, "labels": {"team": "other"}},
    "artifactregistry/repository:Repository": {"description": "Other"},
    "secretmanager/secret:Secret": {"labels": {"team": "other"}},
    "kms/cryptoKey:CryptoKey": {"rotationPeriod": "8640000s"},
    "vertex/aiEndpoint:AiEndpoint": {"displayName": "other", "labels": {}},
    "vertex/aiPersistentResource:AiPersistentResource": {"displayName": "other"},
    "vertex/aiTensorboard:AiTensorboard": {"displayName": "other"},
    "compute/subnetwork:Subnetwork": {"privateIpGoogleAccess": False},
    "compute/firewall:Firewall": {"sourceRanges": ["10.1.0.0/24"]},
    "servicenetworking/connection:Connection": {"reservedPeeringRanges": ["range", "other"]},
    "container/cluster:Cluster": {"releaseChannel": {"channel": "STABLE"}},
    "container/nodePool:NodePool": {"autoscaling": {"totalMinNodeCount": 0.0, "totalMaxNodeCount": 3.0}},
    "bigquery/dataset:Dataset": {"description": "Other"},
    "bigquery/table:Table": {"description": "Other"},
    "monitoring/notificationChannel:NotificationChannel": {"displayName": "other"},
    "monitoring/alertPolicy:AlertPolicy": {"displayName": "other"},
    "monitoring/dashboard:Dashboard": {"dashboardJson": json.dumps({"displayName": "other"})},
    "logging/metric:Metric": {"description": "Other"},
    "pubsub/topic:Topic": {"labels": {"team": "other"}},
    "cloudscheduler/job:Job": {"schedule": "0 4 * * *", "paused": True},
    "billing/budget:Budget": {"displayName": "other"},
}
