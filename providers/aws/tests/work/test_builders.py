"""What jobs, pipelines, schedules, notifications and the budget of a spec become."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.validate import validate_parameters

from mlstack.testing.record import UID
from providers.aws.tests.work.lower import Lower, Refused, lower, refused, root

__all__ = ["lower", "refused", "root"]

IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/ml:default-bare-image"
ROLE = "arn:aws:iam::123456789012:role/conformance-role-5abfa3f9"
TAGS = {"team": "vision", "mlstack-stack": UID}

FULL = """
tags: {team: vision}
compute: {spare: {instance: ml.m5.xlarge, spot: true, disk: 100}}
jobs:
  train:
    command: python train.py ${{inputs.c}} '${{outputs.net}}'
    code: ./src
    compute: spare
    inputs: {c: {value: 1.0}}
    outputs: {net: {type: folder}, metrics: {type: file}}
    env: {LEVEL: info}
    timeout: 2h
    retries: 1
    nodes: 2
    processes: 4
  test:
    compute: spare
    command: python test.py ${{inputs.net}} > ${{outputs.metrics}}
    inputs: {net: jobs.train.net}
    outputs: {metrics: {type: file}}
"""


def test_a_job_is_a_training_job(lower: Lower) -> None:
    sent = lower(FULL)
    inputs = sent.inputs("Job", "train")
    request = inputs["request"]
    assert request == {
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["/bin/sh", "/opt/ml/input/data/mlstack/run.sh"],
        },
        "RoleArn": ROLE,
        "InputDataConfig": [
            _channel("mlstack", "s3://bucket/train-command-upload/"),
            _channel("mlstack-code", "s3://bucket/train-code-upload/"),
        ],
        "OutputDataConfig": {"S3OutputPath": f"s3://bucket/mlstack/{UID}/runs", "CompressionType": "NONE"},
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 100},
        "StoppingCondition": {"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 93600},
        "Environment": {"LEVEL": "info", "MLSTACK_INPUT_c": "1.0", "MLSTACK_PROCESSES": "4"},
        "EnableManagedSpotTraining": True,
        "CheckpointConfig": {"S3Uri": f"s3://bucket/mlstack/{UID}/checkpoints/{{run}}"},
        "RetryStrategy": {"MaximumRetryAttempts": 1},
    }
    _valid("CreateTrainingJob", {"TrainingJobName": "a", **request})
    assert (inputs["wait"], inputs["retries"], inputs["tags"]) == (True, 1, TAGS)
    assert inputs["outputs"] == {"net": "folder", "metrics": "file"}
    assert "nonce" not in inputs
    assert sent.inputs("Job", "test")["wait"] is False
    assert (
        _channel("net", "s3://bucket/train/net") in sent.inputs("Job", "test")["request"]["InputDataConfig"]
    )
    texts = sent.inputs("Upload", "train-command-upload")["texts"]
    assert texts["command"] == "python train.py \"${MLSTACK_INPUT_c}\" ''\"${MLSTACK_OUTPUT_net}\"''\n"
    assert (texts["inputs"], texts["outputs"]) == ("c value\n", "net folder\nmetrics file\n")
    assert sorted(texts) == ["command", "inputs", "outputs", "run.sh"]
    assert ".env" in sent.warnings["jobs.train.code"]


def test_what_counts_is_what_it_computes(lower: Lower) -> None:
    def counts(**other: Any) -> Any:
        text = FULL
        for old, new in other.values():
            assert old in text
            text = text.replace(old, new)
        return lower(text).inputs("Job", "train")["counts"]

    first = counts()
    for same in (
        ("ml.m5.xlarge", "ml.m5.large"),
        ("2h", "3h"),
        ("retries: 1", "retries: 3"),
        ("vision", "other"),
        (", spot: true", ""),
    ):
        assert counts(a=same) == first
    for other in (("1.0", "2.0"), ("LEVEL: info", "LEVEL: debug"), ("nodes: 2", "nodes: 1"),
                  ("train.py", "fit.py"),
                  ("processes: 4", "processes: 1"), (", metrics: {type: file}", "")):  # fmt: skip
        assert counts(a=other) != first


def test_an_output_with_a_place_of_its_own(lower: Lower) -> None:
    sent = lower(
        "compute: {m: {instance: ml.m5.large}}\n"
        "jobs: {train: {compute: m, command: 'echo > ${{outputs.net}}/a', outputs: {net: {path: 's3://theirs/net'}}}}"
    )
    inputs = sent.inputs("Job", "train")
    assert inputs["request"]["CheckpointConfig"] == {"S3Uri": "s3://theirs/net"}
    assert inputs["own"] == "net"
    assert sent.inputs("Upload", "train-command-upload")["texts"]["outputs"] == "net own\n"


def test_rerun(lower: Lower) -> None:
    sent = lower(
        "compute: {m: {instance: ml.m5.large}}\n"
        "jobs: {often: {compute: m, command: a, rerun: always}, once: {compute: m, command: a, rerun: never}}"
    )
    assert sent.inputs("Job", "often")["nonce"].isdigit()
    assert sent.found["Job", "once"].options["ignoreChanges"] == ["request", "counts", "nonce"]


def test_compute_keeps_the_machine_and_says_what_has_no_effect(lower: Lower) -> None:
    sent = lower("compute: {pool: {instance: ml.m5.large, min: 1, max: 4, idle: 10m}}")
    assert sorted(sent.warnings) == ["compute.pool.idle", "compute.pool.max", "compute.pool.min"]
    assert sent.recording.components()[-1].outputs == {"instance": "ml.m5.large"}


def test_what_is_refused_of_compute_and_jobs(refused: Refused) -> None:
    found = refused(
        """
compute: {theirs: {existing: pool}, aks: {cluster: {type: eks}}}
jobs:
  one:
    command: a
    inputs: {mlstack: {value: 1}, long: {value: """ + "x" * 600 + """}}
    outputs: {a: {path: "s3://b/a"}, b: {path: "s3://b/b"}, c: {type: file, path: "gs://b/c"}}
"""
    )  # fmt: skip
    assert sorted(found) == [
        "compute.aks.cluster",
        "compute.theirs.existing",
        "jobs.one.inputs.long",
        "jobs.one.inputs.mlstack",
        "jobs.one.outputs.b.path",
        "jobs.one.outputs.c.path",
    ]


PIPELINE = """
pipelines:
  retrain:
    steps:
      train: {job: train}
      test: {job: test, inputs: {net: steps.train.net}}
      again:
        job: train
        needs: [test]
        when: "${{steps.test.metrics.accuracy}} > 0.9 and ${{steps.test.metrics.at.k}} != 'x'"
      after: {job: test, inputs: {net: steps.again.net}}
"""


def test_a_pipeline_is_processing_steps_and_conditions(lower: Lower) -> None:
    sent = lower(FULL + PIPELINE)
    inputs = sent.inputs("Pipeline", "retrain")
    definition = json.loads(inputs["pipelineDefinition"])
    assert inputs["roleArn"] == ROLE
    assert inputs["tags"] == TAGS
    train, test, guard = definition["Steps"]
    assert (train["Name"], train["Type"], test["Name"]) == ("train", "Processing", "test")
    body = train["Arguments"]
    own = {"Get": "Execution.PipelineExecutionId"}
    assert body["ProcessingOutputConfig"]["Outputs"][0] == {
        "OutputName": "net",
        "S3Output": {
            "S3Uri": {
                "Std:Join": {
                    "On": "/",
                    "Values": [f"s3://bucket/mlstack/{UID}/pipelines/retrain", own, "train", "net", ""],
                }
            },
            "LocalPath": "/opt/ml/processing/output/net",
            "S3UploadMode": "EndOfJob",
        },
    }
    assert train["RetryPolicies"][0]["MaxAttempts"] == 1
    _valid("CreateProcessingJob", {"ProcessingJobName": "a", **_plain(body)})
    flowing = {"Get": "Steps.train.ProcessingOutputConfig.Outputs['net'].S3Output.S3Uri"}
    assert flowing in [each["S3Input"]["S3Uri"] for each in test["Arguments"]["ProcessingInputs"]]
    assert test["PropertyFiles"] == [
        {"PropertyFileName": "metrics", "OutputName": "metrics", "FilePath": "metrics"}
    ]
    assert (guard["Name"], guard["Type"], guard["DependsOn"]) == ("again-when", "Condition", ["test"])

    def number(path: str) -> dict[str, Any]:
        return {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.test.PropertyFiles.metrics"}, "Path": path}}

    assert guard["Arguments"]["Conditions"] == [
        {"Type": "GreaterThan", "LeftValue": number("accuracy"), "RightValue": 0.9},
        {"Type": "Not", "Expression": {"Type": "Equals", "LeftValue": number("at.k"), "RightValue": "x"}},
    ]
    assert [each["Name"] for each in guard["Arguments"]["IfSteps"]] == ["again", "after"]
    assert "spare machines" in sent.warnings["pipelines.retrain.steps.train.job"]


def test_what_is_refused_of_pipelines(refused: Refused) -> None:
    found = refused(
        """
jobs: {one: {command: a}, two: {command: a, outputs: {metrics: {type: file}}}}
pipelines:
  first: {steps: {a: {job: one}, b: {job: one, when: "${{steps.a.metrics.x}} > 1"}}}
  second:
    steps:
      a: {job: two}
      b: {job: one, when: "${{steps.a.metrics.x}} > 1"}
      c: {job: one, when: "${{steps.a.metrics.x}} > 2"}
      d: {job: one, needs: [b, c]}
"""
    )
    assert sorted(found) == ["pipelines.first.steps.b.when", "pipelines.second.steps.a.needs"]


def test_schedules(lower: Lower) -> None:
    sent = lower(
        FULL
        + PIPELINE
        + """
schedules:
  nightly: {cron: "0 3 * * 1-5", pipeline: retrain, timezone: Europe/Berlin}
  often: {every: 90m, pipeline: retrain}
"""
    )
    nightly, often = sent.inputs("Schedule", "nightly"), sent.inputs("Schedule", "often")
    assert nightly["scheduleExpression"] == "cron(0 3 ? * MON,TUE,WED,THU,FRI *)"
    assert nightly["scheduleExpressionTimezone"] == "Europe/Berlin"
    assert nightly["target"] == {
        "arn": "arn:aws:pipeline:eu-west-1:123456789012:retrain",
        "roleArn": "arn:aws:iam::123456789012:role/nightly-starter",
    }
    assert (often["scheduleExpression"], often["scheduleExpressionTimezone"]) == ("rate(90 minutes)", "UTC")
    assert (
        nightly["groupName"]
        == often["groupName"]
        == sent.inputs("ScheduleGroup", "default-schedules")["name"]
    )
    [right] = json.loads(sent.inputs("RolePolicy", "nightly-starter")["policy"])["Statement"]
    assert right["Resource"] == nightly["target"]["arn"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("*/15 * * * *", "cron(0,15,30,45 * * * ? *)"),
        ("0 0 1 jan-mar *", "cron(0 0 1 1-3 ? *)"),
        ("5 4 * * 7", "cron(5 4 ? * SUN *)"),
        ("0 9-17 * * 5-7", "cron(0 9-17 ? * SUN,FRI,SAT *)"),
    ],
)
def test_cron(text: str, told: str) -> None:
    from mlstack_aws.schedules import cron

    assert cron(text) == told


WATCHED = """
environments: {sk: {packages: [scikit-learn==1.5.2]}}
models: {net: {from: jobs.train.net, flavor: sklearn}}
endpoints: {digits: {deployments: {main: {model: net, environment: sk, instance: ml.m5.large}}}}
monitors: {slow: {endpoint: digits, signal: latency, threshold: 200ms}}
"""


def test_a_monitor_that_raises_an_alarm_starts_a_pipeline(lower: Lower) -> None:
    sent = lower(FULL + PIPELINE + WATCHED + "schedules: {slow: {on: monitors.slow, pipeline: retrain}}")
    rule, target = sent.inputs("EventRule", "slow"), sent.inputs("EventTarget", "slow-start")
    pattern = json.loads(rule["eventPattern"])
    assert pattern == {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "resources": ["arn:aws:metricalarm:eu-west-1:123456789012:slow"],
        "detail": {"state": {"value": ["ALARM"]}},
    }
    assert target["rule"] == rule["name"]
    assert target["arn"] == "arn:aws:pipeline:eu-west-1:123456789012:retrain"
    assert target["roleArn"] == "arn:aws:iam::123456789012:role/slow-starter"
    trusted = json.loads(sent.inputs("Role", "slow-starter")["assumeRolePolicy"])["Statement"][0]
    assert trusted["Principal"] == {"Service": ["events.amazonaws.com"]}
    assert sent.names("Schedule") == sent.names("ScheduleGroup") == []


def test_new_data_starts_nothing(refused: Refused) -> None:
    found = refused(
        FULL + PIPELINE + "schedules: {a: {on: data.rows, pipeline: retrain}}\ndata: {rows: {path: ./src}}"
    )
    assert list(found) == ["schedules.a.on"]


def test_what_is_refused_of_schedules(refused: Refused) -> None:
    head = FULL + PIPELINE
    found = refused(
        head + 'schedules: {a: {cron: "0 0 1 * 1", pipeline: retrain}, b: {every: 30s, pipeline: retrain}}'
    )
    assert sorted(found) == ["schedules.a.cron", "schedules.b.every"]


def test_notifications_and_budget(lower: Lower) -> None:
    sent = lower(
        """
notifications:
  oncall: {email: ml@example.com}
  site: {webhook: "http://example.com/x"}
budget: {amount: 500, currency: USD}
"""
    )
    assert sent.inputs("TopicSubscription", "oncall")["protocol"] == "email"
    assert sent.inputs("TopicSubscription", "site")["protocol"] == "http"
    [right] = json.loads(sent.inputs("TopicPolicy", "oncall")["policy"])["Statement"]
    assert right["Principal"] == {"Service": ["cloudwatch.amazonaws.com"]}
    assert right["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    budget = sent.inputs("Budget", "default")
    assert (budget["limitAmount"], budget["timeUnit"]) == ("500", "MONTHLY")
    assert budget["costFilters"] == [{"name": "TagKeyValue", "values": [f"user:mlstack-stack${UID}"]}]
    assert [(each["threshold"], each["notificationType"]) for each in budget["notifications"]] == [
        (80, "ACTUAL"), (100, "ACTUAL"), (100, "FORECASTED"),
    ]  # fmt: skip


def _channel(name: str, uri: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def _plain(held: Any) -> Any:
    """A body with a text in place of each of the pipeline's own expressions."""
    if isinstance(held, dict):
        if len(held) == 1 and next(iter(held)) in ("Get", "Std:Join"):
            return "s3://bucket/x"
        return {key: _plain(value) for key, value in held.items()}
    return [_plain(each) for each in held] if isinstance(held, list) else held


def _valid(operation: str, body: dict[str, Any]) -> None:
    """By botocore's own description of the API."""
    model = boto3.client("sagemaker", "eu-west-1").meta.service_model
    validate_parameters(body, model.operation_model(operation).input_shape)
