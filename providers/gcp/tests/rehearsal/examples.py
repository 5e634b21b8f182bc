"""Each rule by an example that it refuses, and a near one that passes: code, kind, path, wrong, right."""

from __future__ import annotations

from typing import Any

Example = tuple[str, str, str, Any, Any]

_E = "vertex/aiEndpoint:AiEndpoint"
_P = "vertex/aiDeploymentResourcePool:AiDeploymentResourcePool"
_M, _D = "aiplatform:Model", "aiplatform:DeployedModel"
_C, _B, _L = "aiplatform:CustomJob", "aiplatform:BatchPredictionJob", "aiplatform:PipelineJob"
_S, _W = "aiplatform:Schedule", "aiplatform:ModelDeploymentMonitoringJob"
_A, _N = "monitoring/alertPolicy:AlertPolicy", "monitoring/notificationChannel:NotificationChannel"
_K, _O = "container/cluster:Cluster", "container/nodePool:NodePool"
_J, _G = "cloudscheduler/job:Job", "billing/budget:Budget"
_SPEC, _POOL = "dedicatedResources.machineSpec", "jobSpec.workerPoolSpecs"
_WATCHED = "modelDeploymentMonitoringObjectiveConfigs"
_NET = "projects/12345/global/networks/net"
_MACHINE = {"machineSpec": {"machineType": "n1-standard-4"}, "containerSpec": {"imageUri": "gcr.io/a/b"}}
_CONDITION = {"displayName": "x", "conditionAbsent": {"filter": "f", "duration": "60s"}}
_METRIC = 'metric.type="a" AND resource.type="b"'
_PREFIX = "aiplatform.googleapis.com/prediction/online/"


def _alert(**threshold: Any) -> list[dict[str, Any]]:
    return [{"displayName": "x", "conditionThreshold": {"filter": _METRIC, "comparison": "COMPARISON_GT",
                                                        "duration": "60s", **threshold}}]  # fmt: skip


def _objective(training: dict[str, Any] | None) -> list[dict[str, Any]]:
    config = {"trainingPredictionSkewDetectionConfig": {"skewThresholds": {"x": {"value": 0.3}}}}
    told = {} if training is None else {"trainingDataset": training}
    return [{"deployedModelId": "1", "objectiveConfig": {**config, **told}}]


def _machine(name: str, kind: str | None = None, count: int | None = None) -> dict[str, Any]:
    given = {"machineType": name, "acceleratorType": kind, "acceleratorCount": count}
    return {key: one for key, one in given.items() if one is not None}


EXAMPLES: tuple[Example, ...] = (
    ("endpoint-name", _E, "name", "digits-1a2b3c4", "42"),
    ("endpoint-name", _E, "name", "012", "12"),
    ("traffic-sum", _E, "trafficSplit", '{"1": 50, "2": 40}', '{"1": 50, "2": 50}'),
    ("traffic-sum", _E, "trafficSplit", "half", "{}"),
    ("endpoint-network-or-dedicated", _E, "network", _NET, None),
    ("endpoint-log-sampling", _E, "predictRequestResponseLoggingConfig.samplingRate", 50, 0.5),
    ("endpoint-network-number", _E, "network", "projects/demo/global/networks/net", _NET),
    ("deployed-id", _D, "id", "12345678901", "12345"),
    ("deployed-id", _D, "id", "blue", "1"),
    ("deployed-resources", _D, "dedicatedResources", None, {"minReplicaCount": 1}),
    ("deployed-model", _D, "model", None, "projects/p/locations/l/models/m"),
    ("artifact-uri", _M, "artifactUri", "https://example.com/model", "gs://bucket/model"),
    ("container-predict-route", _M, "containerSpec.predictRoute", "predict", "/predict"),
    ("container-health-route", _M, "containerSpec.healthRoute", "ping", "/ping"),
    ("container-image", _M, "containerSpec.imageUri", "docker.io/vllm/vllm:1", "gcr.io/project/image:1"),
    ("container-image", _M, "containerSpec.imageUri", None, "eu.gcr.io/project/image:1"),
    ("container-ports", _M, "containerSpec.ports", [{"containerPort": 70000}], [{"containerPort": 80}]),
    ("container-env", _M, "containerSpec.env", [{"name": "a-b"}], [{"name": "a_b"}]),
    ("container-env", _M, "containerSpec.env", [{"name": "AIP_MODE"}], [{"name": "MODE"}]),
    ("container-timeout", _M, "containerSpec.deploymentTimeout", "7201s", "7200s"),
    ("container-probe", _M, "containerSpec.healthProbe.timeoutSeconds", 20, 10),
    ("model-aliases", _M, "versionAliases", ["1st"], ["first"]),
    ("machine-type", _D, f"{_SPEC}.machineType", "Standard_DS3_v2", "n1-standard-8"),
    ("machine-type", _P, f"{_SPEC}.machineType", "ml.m5.large", "e2-standard-4"),
    ("machine-accelerator", _D, _SPEC,
     _machine("g2-standard-12"), _machine("g2-standard-12", "NVIDIA_L4", 1)),
    ("machine-accelerator", _D, _SPEC, _machine("g2-standard-24", "NVIDIA_L4", 1),
     _machine("g2-standard-24", "NVIDIA_L4", 2)),
    ("machine-accelerator", _D, _SPEC, _machine("a2-highgpu-2g", "NVIDIA_TESLA_A100", 1),
     _machine("a2-highgpu-2g", "NVIDIA_TESLA_A100", 2)),
    ("machine-accelerator", _D, _SPEC,
     _machine("e2-standard-4", "NVIDIA_TESLA_T4", 1), _machine("e2-standard-4")),
    ("machine-accelerator", _D, f"{_SPEC}.acceleratorCount", 3, 4),
    ("replicas-least", _D, "dedicatedResources.minReplicaCount", 0, 1),
    ("replicas-order", _D, "dedicatedResources.minReplicaCount", 4, 3),
    ("autoscaling-target", _D, "dedicatedResources.autoscalingMetricSpecs",
     [{"metricName": _PREFIX + "cpu/utilization", "target": 120}],
     [{"metricName": _PREFIX + "cpu/utilization", "target": 100}]),
    ("autoscaling-accelerator", _D, "dedicatedResources",
     {"machineSpec": _machine("n1-standard-4"), "minReplicaCount": 1,
      "autoscalingMetricSpecs": [{"metricName": _PREFIX + "accelerator/duty_cycle"}]},
     {"machineSpec": _machine("n1-standard-4", "NVIDIA_TESLA_T4", 1), "minReplicaCount": 1,
      "autoscalingMetricSpecs": [{"metricName": _PREFIX + "accelerator/duty_cycle"}]}),
    ("job-pools", _C, _POOL, [], [{**_MACHINE, "replicaCount": "1"}]),
    ("job-pools", _C, _POOL, [{**_MACHINE, "replicaCount": "0"}], [{**_MACHINE, "replicaCount": "1"}]),
    ("job-first-pool", _C, _POOL, [{**_MACHINE, "replicaCount": "2"}],
     [{**_MACHINE, "replicaCount": "1"}, {**_MACHINE, "replicaCount": "3"}]),
    ("job-disk", _C, _POOL, [{**_MACHINE, "replicaCount": "1", "diskSpec": {"bootDiskSizeGb": 50}}],
     [{**_MACHINE, "replicaCount": "1", "diskSpec": {"bootDiskSizeGb": 200}}]),
    ("job-timeout", _C, "jobSpec.scheduling.timeout", "0s", "60s"),
    ("job-output", _C, "jobSpec.baseOutputDirectory.outputUriPrefix", "s3://bucket/out", "gs://bucket/out"),
    ("job-image", _C, _POOL,
     [{**_MACHINE, "replicaCount": "1", "containerSpec": {"imageUri": "mcr.example.com/x"}}],
     [{**_MACHINE, "replicaCount": "1", "containerSpec": {"imageUri": "python:3.11"}}]),
    ("batch-input", _B, "inputConfig.instancesFormat", "parquet", "csv"),
    ("batch-input", _B, "inputConfig", {"instancesFormat": "bigquery"},
     {"instancesFormat": "bigquery", "bigquerySource": {"inputUri": "bq://p.d.t"}}),
    ("batch-output", _B, "outputConfig.predictionsFormat", "tf-record", "csv"),
    ("batch-resources", _B, "dedicatedResources", None, {"machineSpec": {"machineType": "n1-standard-4"}}),
    ("pipeline-spec", _L, "runtimeConfig.gcsOutputDirectory", None, "gs://bucket/root"),
    ("pipeline-spec", _L, "pipelineSpec.pipelineInfo.name", "My Pipeline", "my-pipeline"),
    ("schedule-cron", _S, "cron", "0 25 * * *", "0 23 * * *"),
    ("schedule-cron", _S, "cron", "TZ=Mars/Base 0 3 * * *", "TZ=Asia/Tokyo 0 3 * * *"),
    ("schedule-runs", _S, "maxConcurrentRunCount", None, "2"),
    ("schedule-request", _S, "createPipelineJobRequest.parent", None, "projects/p/locations/l"),
    ("monitor-sampling", _W, "loggingSamplingStrategy.randomSampleConfig.sampleRate", 1.5, 1.0),
    ("monitor-interval", _W, "modelDeploymentMonitoringScheduleConfig.monitorInterval", "60s", "86400s"),
    ("monitor-objectives", _W, _WATCHED, [], [{"deployedModelId": "1"}]),
    ("monitor-objectives", _W, _WATCHED, [{"deployedModelId": "1"}] * 2,
     [{"deployedModelId": "1"}, {"deployedModelId": "2"}]),
    ("monitor-training", _W, _WATCHED, _objective(None), _objective({"dataset": "projects/p/datasets/1"})),
    ("monitor-training", _W, _WATCHED, _objective({"targetField": "y"}),
     _objective({"bigquerySource": {"inputUri": "bq://p.d.t"}, "targetField": "y"})),
    ("monitor-training", _W, _WATCHED,
     _objective({"gcsSource": {"uris": ["gs://b/a.parquet"]}, "dataFormat": "parquet"}),
     _objective({"gcsSource": {"uris": ["gs://b/a.jsonl"]}, "dataFormat": "jsonl"})),
    ("monitor-training", _W, _WATCHED, _objective({"gcsSource": {"uris": ["a.csv"]}, "dataFormat": "csv"}),
     _objective({"gcsSource": {"uris": ["gs://b/a.csv"]}, "dataFormat": "csv"})),
    ("monitor-training", _W, _WATCHED, _objective({"bigquerySource": {"inputUri": "p.d.t"}}),
     _objective({"bigquerySource": {"inputUri": "bq://p.d.t"}})),
    ("monitor-predict-schema", _W, "predictInstanceSchemaUri", "./schema.yaml", "gs://bucket/schema.yaml"),
    ("monitor-analysis-schema", _W, "analysisInstanceSchemaUri", "https://a/b.yaml", ""),
    ("monitor-base-directory", _W, "statsAnomaliesBaseDirectory.outputUriPrefix", "/tmp/x", "gs://bucket/x"),
    ("monitor-emails", _W, "modelMonitoringAlertConfig.emailAlertConfig.userEmails",
     ["team"], ["team@example.com"]),
    ("monitor-channels", _W, "modelMonitoringAlertConfig.notificationChannels",
     ["channels/1"], ["projects/p/notificationChannels/1"]),
    ("bucket-name", "storage/bucket:Bucket", "name", "My_Bucket", "my-bucket"),
    ("bucket-name", "storage/bucket:Bucket", "name", "my-google-bucket", "my-g-bucket"),
    ("account-id", "serviceaccount/account:Account", "accountId", "short", "longer"),
    ("account-id", "serviceaccount/account:Account", "accountId", "a" * 31, "a" * 30),
    ("secret-id", "secretmanager/secret:Secret", "secretId", "a.b", "a-b"),
    ("repository-id", "artifactregistry/repository:Repository", "repositoryId", "Images", "images-1"),
    ("pool-name", _P, "name", "Pool_1", "pool-1"),
    ("key-ring-name", "kms/keyRing:KeyRing", "name", "a b", "a_b"),
    ("key-name", "kms/cryptoKey:CryptoKey", "name", "a" * 64, "a" * 63),
    ("scheduler-job-name", _J, "name", "a.b", "a_b"),
    ("compute-network-name", "compute/network:Network", "name", "Net", "net-1"),
    ("compute-subnetwork-name", "compute/subnetwork:Subnetwork", "name", "1net", "net1"),
    ("compute-firewall-name", "compute/firewall:Firewall", "name", "a_b", "a-b"),
    ("compute-globaladdress-name", "compute/globalAddress:GlobalAddress", "name", "a-", "a"),
    ("display-name", _E, "displayName", "x" * 129, "x" * 128),
    ("labels", _E, "labels", {"Team": "vision"}, {"team": "vision"}),
    ("labels", _C, "labels", {"team": "a b"}, {"team": "a_b"}),
    ("alert-combiner", _A, "combiner", "XOR", "AND"),
    ("alert-conditions", _A, "conditions", [], [_CONDITION]),
    ("alert-conditions", _A, "conditions", [{"displayName": "x"}], [_CONDITION] * 6),
    ("alert-threshold", _A, "conditions", _alert(filter="severity=ERROR"), _alert()),
    ("alert-threshold", _A, "conditions",
     _alert(comparison="COMPARISON_GE"), _alert(comparison="COMPARISON_LT")),
    ("alert-threshold", _A, "conditions", _alert(duration="90s"), _alert(duration="120s")),
    ("channel-type", _N, "type", "carrier-pigeon", "email"),
    ("channel-labels", _N, "labels", {}, {"email_address": "a@example.com"}),
    ("channel-labels", _N, "labels", {"email_address": "team"}, {"email_address": "team@example.com"}),
    ("repository-format", "artifactregistry/repository:Repository", "format", "docker", "DOCKER"),
    ("public-access", "storage/bucket:Bucket", "publicAccessPrevention", "on", "inherited"),
    ("service-name", "projects/service:Service", "service", "aiplatform", "aiplatform.googleapis.com"),
    ("billing-account", _G, "billingAccount", "mine", "0123AB-4567CD-89EF01"),
    ("budget-amount", _G, "amount", {}, {"lastPeriodAmount": True}),
    ("budget-amount", _G, "amount.specifiedAmount.units", "0", "1"),
    ("budget-thresholds", _G, "thresholdRules", [{"thresholdPercent": -0.1}], [{"thresholdPercent": 1.2}]),
    ("scheduler-cron", _J, "schedule", "* * *", "*/5 * * * *"),
    ("scheduler-cron", _J, "timeZone", "Mars/Base", "Europe/Berlin"),
    ("scheduler-target", _J, "attemptDeadline", "5s", "15s"),
    ("secret-replication", "secretmanager/secret:Secret", "replication", {}, {"auto": {}}),
    ("secret-replication", "secretmanager/secret:Secret", "replication", {"userManaged": {"replicas": []}},
     {"userManaged": {"replicas": [{"location": "europe-west4"}]}}),
    ("key-location", "kms/keyRing:KeyRing", "location", "Frankfurt", "europe-west3"),
    ("key-rotation", "kms/cryptoKey:CryptoKey", "rotationPeriod", "3600s", "86400s"),
    ("grant-member", "projects/iAMMember:IAMMember", "member", "a@example.com", "user:a@example.com"),
    ("grant-member", "storage/bucketIAMMember:BucketIAMMember", "role",
     "storage.admin", "roles/storage.admin"),
    ("peering-range", "compute/globalAddress:GlobalAddress", "prefixLength", 30.0, 24.0),
    ("cluster-name", _K, "name", "Work", "work"),
    ("node-pool-name", _O, "name", "gpu_", "gpu"),
    ("cluster-channel", _K, "releaseChannel.channel", "SLOW", "RAPID"),
    ("cluster-datapath", _K, "datapathProvider", "FAST", "LEGACY_DATAPATH"),
    ("node-metadata", _O, "nodeConfig.workloadMetadataConfig.mode", "SECURE", "GKE_METADATA"),
    ("cluster-nodes", _K, "initialNodeCount", None, 1.0),
    ("cluster-encryption", _K, "databaseEncryption", {"state": "ENCRYPTED"},
     {"state": "ENCRYPTED", "keyName": "projects/p/locations/l/keyRings/r/cryptoKeys/k"}),
    ("cluster-workload-pool", _K, "workloadIdentityConfig.workloadPool", "demo", "demo.svc.id.goog"),
    ("cluster-private", _K, "privateClusterConfig.enablePrivateNodes", False, True),
    ("node-pool-autoscaling", _O, "autoscaling.totalMinNodeCount", 3.0, 2.0),
    ("node-pool-autoscaling", _O, "autoscaling.minNodeCount", 1.0, None),
    ("node-accelerator", _O, "nodeConfig.machineType", "e2-standard-4", "n1-standard-8"),
    ("subnet-range", "compute/subnetwork:Subnetwork", "ipCidrRange", "10.0.0.0/30", "10.0.0.0/29"),
)  # fmt: skip
