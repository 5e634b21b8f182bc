"""What is made over REST alone: one document of each message, as Vertex AI takes it."""

from __future__ import annotations

from typing import Any

from .estate import ESTATE, PROJECT, REGION

PARENT = f"projects/{PROJECT}/locations/{REGION}"
ENDPOINT = f"{PARENT}/endpoints/1234567890"
PIPELINE: dict[str, Any] = {
    "displayName": "steps",
    "pipelineSpec": {"schemaVersion": "2.1.0", "pipelineInfo": {"name": "steps"}, "root": {"dag": {}}},
    "runtimeConfig": {"gcsOutputDirectory": "gs://demo-bucket/runs"},
}
_MACHINE = {"machineType": "n1-standard-4", "acceleratorType": "NVIDIA_TESLA_T4", "acceleratorCount": 1}

MESSAGES: dict[str, dict[str, Any]] = {
    "aiplatform:Model": {
        "displayName": "digits",
        "artifactUri": "gs://demo-bucket/model",
        "versionAliases": ["newest"],
        "containerSpec": {
            "imageUri": f"{REGION}-docker.pkg.dev/{PROJECT}/images/serve:1",
            "predictRoute": "/predict",
            "healthRoute": "/ping",
            "ports": [{"containerPort": 8080}],
            "env": [{"name": "LEVEL", "value": "info"}],
            "deploymentTimeout": "1800s",
            "healthProbe": {"periodSeconds": 10, "timeoutSeconds": 5},
        },
        "labels": {"team": "vision"},
    },
    "aiplatform:DeployedModel": {
        "model": f"{PARENT}/models/digits",
        "id": "1234567890",
        "dedicatedResources": {
            "machineSpec": _MACHINE,
            "minReplicaCount": 1,
            "maxReplicaCount": 3,
            "autoscalingMetricSpecs": [
                {"metricName": "aiplatform.googleapis.com/prediction/online/cpu/utilization", "target": 60}
            ],
        },
    },
    "aiplatform:CustomJob": {
        "displayName": "train",
        "jobSpec": {
            "workerPoolSpecs": [
                {
                    "machineSpec": _MACHINE,
                    "replicaCount": "1",
                    "containerSpec": {"imageUri": f"{REGION}-docker.pkg.dev/{PROJECT}/images/train:1"},
                    "diskSpec": {"bootDiskType": "pd-ssd", "bootDiskSizeGb": 100},
                }
            ],
            "baseOutputDirectory": {"outputUriPrefix": "gs://demo-bucket/out"},
            "scheduling": {"timeout": "3600s"},
        },
    },
    "aiplatform:BatchPredictionJob": {
        "displayName": "nightly",
        "model": f"{PARENT}/models/digits",
        "inputConfig": {"instancesFormat": "jsonl", "gcsSource": {"uris": ["gs://demo-bucket/in.jsonl"]}},
        "outputConfig": {
            "predictionsFormat": "jsonl",
            "gcsDestination": {"outputUriPrefix": "gs://demo-bucket/out"},
        },
        "dedicatedResources": {"machineSpec": _MACHINE, "startingReplicaCount": 1, "maxReplicaCount": 2},
    },
    "aiplatform:PipelineJob": PIPELINE,
    "aiplatform:Schedule": {
        "displayName": "nightly",
        "cron": "CRON_TZ=Europe/Berlin 0 3 * * *",
        "maxConcurrentRunCount": "1",
        "createPipelineJobRequest": {"parent": PARENT, "pipelineJob": PIPELINE},
    },
    "aiplatform:ModelDeploymentMonitoringJob": {
        "displayName": "drift",
        "endpoint": ENDPOINT,
        "modelDeploymentMonitoringObjectiveConfigs": [
            {
                "deployedModelId": "11",
                "objectiveConfig": {
                    "trainingDataset": {
                        "gcsSource": {"uris": ["gs://demo-bucket/a.csv"]},
                        "dataFormat": "csv",
                    },
                    "trainingPredictionSkewDetectionConfig": {"skewThresholds": {"x": {"value": 0.3}}},
                },
            }
        ],
        "modelDeploymentMonitoringScheduleConfig": {"monitorInterval": "3600s"},
        "loggingSamplingStrategy": {"randomSampleConfig": {"sampleRate": 0.5}},
    },
}

#: Everything that a rule may be about, each as the platform takes it.
SOUND: dict[str, dict[str, Any]] = ESTATE | MESSAGES
