"""Each type through its life: made, read as it was asked for, imported, changed, removed; and what lasts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from mlstack_aws.rehearsal import AwsEmulation
from mlstack_aws.rehearsal.adapters import adapters

from mlstack.rehearsal import World

from .examples import examples

#: What an import cannot know: nothing of AWS tells it.
UNTOLD = {"forceDestroy", "forceDelete", "recoveryWindowInDays", "deletionWindowInDays"}
#: They end with what they are set on.
WITH_OTHERS = {"aws:s3/bucketVersioning:BucketVersioning", "aws:sns/topicPolicy:TopicPolicy",
               "aws:secretsmanager/secretVersion:SecretVersion"}  # fmt: skip


def test_every_type_lives(aws: AwsEmulation) -> None:
    ids: dict[str, str] = {}
    made = []
    for name, of in examples():
        token, inputs = f"aws:{name}", of(ids)
        assert list(aws.check(token, inputs, known=True)) == [], token
        ids[name] = aws.create(token, inputs).id
        made.append((token, ids[name], inputs))
        read = aws.read(token, ids[name], inputs)
        assert read is not None
        assert read.inputs == inputs, token
        if not name.endswith("EventTarget"):  # is imported by another id than it has
            imported = aws.read(token, ids[name], {})
            assert imported is not None
            assert set(inputs) - set(imported.inputs) <= UNTOLD, token
    assert {token for token, _, _ in made} == set(adapters())
    for token, id, inputs in reversed(made):
        now = inputs
        aws.update(token, id, inputs, inputs)  # as after a create that was cut short
        again = aws.read(token, id, inputs)
        assert again is not None
        assert again.inputs == inputs, token
        if "tags" in inputs:
            now = {**inputs, "tags": {"team": "other", "stage": "test"}}
            aws.update(token, id, inputs, now)
            read = aws.read(token, id, now)
            assert read is not None
            assert read.inputs == now, token
        aws.delete(token, id, now)
        assert (aws.read(token, id, now) is None) or token in WITH_OTHERS, token
    kept = {each.id.split(":")[2]: each.why for each in aws.leftovers()}
    assert set(kept) == {"kms", "secretsmanager", "logs"}
    assert all(kept.values())


_CHILD = """
import sys, time
from pathlib import Path
from mlstack.rehearsal import World
from mlstack_aws.rehearsal import AwsEmulation
aws = AwsEmulation(World(Path(sys.argv[1])), None, "eu-central-1")
print(aws.create("aws:s3/bucket:Bucket", {"bucket": "kept-1"}).id)
print(aws.create("aws:kms/key:Key", {"description": "d"}).id, flush=True)
with aws.cloud.holding.inside(changing=True):
    aws.cloud.call("sns", "create_topic", {"Name": "half"})
    print("inside", flush=True)
    time.sleep(60)
"""


def test_what_was_made_outlives_a_kill_and_what_was_half_made_does_not(tmp_path: Path) -> None:
    path = tmp_path / "world.sqlite"
    command = [sys.executable, "-c", _CHILD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        bucket, key, inside = (child.stdout.readline().strip() for _ in range(3))
        assert inside == "inside"
        os.kill(child.pid, signal.SIGKILL)
    aws = AwsEmulation(World(path), None, "eu-central-1")
    assert aws.read("aws:s3/bucket:Bucket", bucket, {"bucket": bucket}) is not None
    assert aws.read("aws:kms/key:Key", key, {"description": "d"}) is not None
    assert aws.cloud.call("sns", "list_topics", {}).get("Topics", []) == []


def test_two_processes_see_what_the_other_does(tmp_path: Path) -> None:
    one, other = (AwsEmulation(World(tmp_path / "world.sqlite"), None, "eu-central-1") for _ in range(2))
    one.create("aws:sns/topic:Topic", {"name": "a"})
    other.create("aws:sns/topic:Topic", {"name": "b"})
    one.create("aws:sns/topic:Topic", {"name": "c"})
    for each in (one, other):
        topics = each.cloud.call("sns", "list_topics", {})["Topics"]
        assert {topic["TopicArn"].rpartition(":")[2] for topic in topics} == {"a", "b", "c"}


def test_two_worlds_know_nothing_of_each_other(tmp_path: Path) -> None:
    one = AwsEmulation(World(tmp_path / "one.sqlite"), None, "eu-central-1")
    other = AwsEmulation(World(tmp_path / "other.sqlite"), None, "eu-central-1")
    one.create("aws:s3/bucket:Bucket", {"bucket": "same-name"})
    assert other.create("aws:s3/bucket:Bucket", {"bucket": "same-name"}).id == "same-name"


def test_drift_is_read(aws: AwsEmulation) -> None:
    inputs = {"name": "slow", "comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1.0,
              "metricName": "m", "namespace": "n", "period": 60.0, "statistic": "Sum",
              "threshold": 5.0}  # fmt: skip
    made = aws.create("aws:cloudwatch/metricAlarm:MetricAlarm", inputs)
    (id,) = [id for id, _, _ in aws.documents()]
    _, kind, body = next(iter(aws.documents()))
    aws.put_document(id, kind, {**body, "threshold": 7.0})
    read = aws.read("aws:cloudwatch/metricAlarm:MetricAlarm", made.id, inputs)
    assert read is not None
    assert read.inputs == {**inputs, "threshold": 7.0}
    assert aws.remove_document(id) == [id]
    assert aws.read("aws:cloudwatch/metricAlarm:MetricAlarm", made.id, inputs) is None
