"""The graph of a stack: what refers to what, in which order it is made, and what leads nowhere."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack import graph
from mlstack.errors import SpecError
from mlstack.graph import Reference
from mlstack.spec import Stack

JOB: dict[str, Any] = {"command": "run", "outputs": {"model": {}}}


def stack(**kinds: Any) -> Stack:
    return Stack.model_validate({"name": "s", **kinds})


def found(spec: Stack, **declared: set[str]) -> list[tuple[str, str, str | None]]:
    return [(each.code, each.path, each.remedy) for each in graph.problems(spec, declared=declared)]


def demo() -> Stack:
    """Written the wrong way round on purpose: the order must come from the references."""
    return stack(
        endpoints={"digits": {"deployments": {"main": {"model": "digits", "environment": "sk"}}}},
        models={"digits": {"from": "jobs.train.model"}},
        jobs={
            "train": {
                "command": "run ${{inputs.data}} ${{ outputs.model }}",
                "environment": "sk",
                "inputs": {"data": "data.digits"},
                "outputs": {"model": {}},
            }
        },
        data={"digits": {"path": "d.csv", "type": "file"}},
        environments={"sk": {}},
    )


def test_references_carry_their_place_and_their_parts() -> None:
    job, endpoint = ("jobs", "train"), ("endpoints", "digits", "deployments", "main")

    assert graph.references(demo()) == [
        Reference((*job, "command"), "inputs", "data", (), job),
        Reference((*job, "command"), "outputs", "model", (), job),
        Reference((*job, "environment"), "environments", "sk"),
        Reference((*job, "inputs", "data"), "data", "digits"),
        Reference(("models", "digits", "from"), "jobs", "train", ("model",)),
        Reference((*endpoint, "model"), "models", "digits"),
        Reference((*endpoint, "environment"), "environments", "sk"),
    ]


def test_what_is_referred_to_comes_first() -> None:
    assert graph.order(demo()) == [
        ("environments", "sk"),
        ("data", "digits"),
        ("jobs", "train"),
        ("models", "digits"),
        ("endpoints", "digits"),
    ]


def test_without_references_the_order_is_that_of_kinds_and_file() -> None:
    spec = stack(data={"b": {"path": "b", "type": "file"}, "a": {"path": "a", "type": "file"}}, workspace={})

    assert graph.order(spec) == [("workspace", "default"), ("data", "b"), ("data", "a")]


@given(st.integers(1, 12), st.randoms(use_true_random=False))
def test_any_graph_without_a_loop_is_ordered(count: int, dice: random.Random) -> None:
    """Jobs that read earlier jobs' outputs, shuffled: each comes after all that it reads."""
    names = [f"j{number}" for number in range(count)]
    reads = {
        name: [other for other in names[:index] if dice.random() < 0.4] for index, name in enumerate(names)
    }
    shuffled = dice.sample(names, count)
    jobs = {
        name: {**JOB, "inputs": {other: f"jobs.{other}.model" for other in reads[name]}} for name in shuffled
    }

    spec = stack(jobs=jobs)
    order = [name for _, name in graph.order(spec)]

    assert sorted(order) == sorted(names)
    assert all(order.index(other) < order.index(name) for name in names for other in reads[name])
    assert graph.problems(spec) == []
    assert graph.order(spec) == graph.order(stack(jobs=jobs)), "the same spec gives the same order"


@given(st.integers(1, 6), st.integers(0, 3))
def test_any_loop_is_named_whole(length: int, before: int) -> None:
    names = [f"j{number}" for number in range(length)]
    jobs = {
        name: {**JOB, "inputs": {"x": f"jobs.{names[(index + 1) % length]}.model"}}
        for index, name in enumerate(names)
    }
    lead = {f"lead{number}": {**JOB, "inputs": {"x": "jobs.j0.model"}} for number in range(before)}

    spec = stack(jobs={**lead, **jobs})
    (problem,) = graph.problems(spec)

    assert problem.code == "cycle"
    assert all(f"jobs.{name}" in problem.message for name in names)
    assert "lead" not in problem.message
    with pytest.raises(SpecError) as caught:
        graph.order(spec)
    assert caught.value.problems == [problem]


def test_a_long_chain_is_no_deep_recursion() -> None:
    count = 3000
    jobs = {f"j{n}": {**JOB, "inputs": {"x": f"jobs.j{n + 1}.model"}} for n in range(count)}

    assert graph.order(stack(jobs={**jobs, f"j{count}": JOB}))[0] == ("jobs", f"j{count}")


@pytest.mark.parametrize(
    ("kinds", "code", "path", "remedy"),
    [
        (
            {"jobs": {"train": {**JOB, "environment": "sklaern"}}, "environments": {"sklearn": {}}},
            "dangling-reference",
            "jobs.train.environment",
            "did you mean 'sklearn'?",
        ),
        (
            {"jobs": {"train": {**JOB, "compute": "big"}}},
            "dangling-reference",
            "jobs.train.compute",
            "declare it under compute",
        ),
        (
            {"jobs": {"train": {**JOB, "compute": "zz"}}, "compute": {"a": {}, "b": {}}},
            "dangling-reference",
            "jobs.train.compute",
            "declare it under compute, or use one that is there: a, b",
        ),
        (
            {"jobs": {"train": JOB}, "models": {"m": {"from": "jobs.train.modle"}}},
            "unknown-output",
            "models.m.from",
            "did you mean 'model'?",
        ),
        (
            {"jobs": {"train": {"command": "run"}}, "models": {"m": {"from": "jobs.train.model"}}},
            "unknown-output",
            "models.m.from",
            "declare it under the outputs of jobs.train",
        ),
        (
            {"jobs": {"train": {**JOB, "command": "run ${{outputs.modle}} ${{outputs.modle}}"}}},
            "dangling-reference",
            "jobs.train.command",
            "did you mean 'model'?",
        ),
        (
            {"jobs": {"train": {**JOB, "command": "run ${{input.x}}"}}},
            "bad-placeholder",
            "jobs.train.command",
            "write ${{inputs.NAME}} or ${{outputs.NAME}}",
        ),
        (
            {"jobs": {"train": {**JOB, "secrets": {"TOKEN": "hf"}}}, "secrets": {"hf-token": {"env": "A"}}},
            "dangling-reference",
            "jobs.train.secrets.TOKEN",
            "declare it under secrets, or use one that is there: hf-token",
        ),
        (
            {"notifications": {"oncall": {"slack": {"secret": "hook"}}}},
            "dangling-reference",
            "notifications.oncall.slack.secret",
            "declare it under secrets",
        ),
        (
            {"endpoints": {"e": {"deployments": {"a": {"model": {"from": "jobs.train.model"}}}}}},
            "dangling-reference",
            "endpoints.e.deployments.a.model.from",
            "declare it under jobs",
        ),
    ],
)
def test_what_leads_nowhere_is_a_problem(kinds: dict[str, Any], code: str, path: str, remedy: str) -> None:
    assert found(stack(**kinds)) == [(code, path, remedy)]


def pipeline(**steps: Any) -> Stack:
    return stack(
        jobs={
            "prepare": {"command": "run", "outputs": {"clean": {}}},
            "train": {**JOB, "inputs": {"data": {"value": 1}}},
        },
        endpoints={"e": {"deployments": {"blue": {"model": {"hub": "a/b"}}}}},
        pipelines={"p": {"steps": steps}},
    )


def test_a_pipeline_may_use_its_steps() -> None:
    spec = pipeline(
        prepare={"job": "prepare"},
        train={"job": "train", "inputs": {"data": "steps.prepare.clean"}},
        deploy={"endpoint": "e", "deployment": "blue", "when": "${{steps.train.metrics.accuracy}} > 0.9"},
    )

    assert found(spec) == []


@pytest.mark.parametrize(
    ("steps", "code", "path", "remedy"),
    [
        (
            {"prepare": {"job": "prepare"}, "train": {"job": "train", "needs": ["prepair"]}},
            "dangling-reference",
            "pipelines.p.steps.train.needs.0",
            "did you mean 'prepare'?",
        ),
        (
            {
                "prepare": {"job": "prepare"},
                "train": {"job": "train", "inputs": {"data": "steps.prepare.dirty"}},
            },
            "unknown-output",
            "pipelines.p.steps.train.inputs.data",
            "declare it under the outputs of steps.prepare, or use one that is there: clean",
        ),
        (
            {
                "ask": {"approval": {"by": ["me"]}},
                "train": {"job": "train", "inputs": {"data": "steps.ask.x"}},
            },
            "dangling-reference",
            "pipelines.p.steps.train.inputs.data",
            "refer to a step that runs a job",
        ),
        (
            {"train": {"job": "train", "inputs": {"dta": {"value": 2}}}},
            "unknown-input",
            "pipelines.p.steps.train.inputs.dta",
            "did you mean 'data'?",
        ),
        (
            {"deploy": {"endpoint": "e", "deployment": "blu"}},
            "dangling-reference",
            "pipelines.p.steps.deploy.deployment",
            "did you mean 'blue'?",
        ),
        (
            {"deploy": {"endpoint": "ee", "deployment": "blue"}},
            "dangling-reference",
            "pipelines.p.steps.deploy.endpoint",
            "did you mean 'e'?",
        ),
        (
            {"train": {"job": "train", "when": "${{steps.train.accuracy}} > 1"}},
            "bad-placeholder",
            "pipelines.p.steps.train.when",
            "write ${{steps.NAME.metrics.METRIC}}",
        ),
        (
            {"train": {"job": "train", "when": "${{steps.train.metrics.accuracy}} > 1"}},
            "cycle",
            "pipelines.p.steps.train.when",
            "take one of these references out",
        ),
    ],
)
def test_a_step_refers_to_steps_of_its_pipeline(
    steps: dict[str, Any], code: str, path: str, remedy: str
) -> None:
    assert found(pipeline(**steps)) == [(code, path, remedy)]


def test_steps_in_a_loop_are_named() -> None:
    spec = pipeline(
        chicken={"job": "prepare", "needs": ["egg"]},
        egg={"job": "train", "inputs": {"data": "steps.chicken.clean"}},
    )
    (problem,) = graph.problems(spec)

    assert problem.message.startswith("chicken needs egg needs chicken")
    assert problem.path == "pipelines.p.steps.egg.inputs.data"


def test_what_is_declared_elsewhere_does_not_dangle() -> None:
    spec = stack(
        jobs={"train": {**JOB, "environment": "sk", "compute": "typo"}},
        models={"m": {"from": "jobs.broken.whatever"}},
        monitors={"m": {"endpoint": "bad", "signal": "errors", "threshold": 0.1}},
    )

    problems = found(spec, environments={"sk"}, jobs={"broken"}, endpoints={"bad"}, compute={"type"})

    assert problems == [("dangling-reference", "jobs.train.compute", "did you mean 'type'?")]


def test_a_half_built_stack_is_no_obstacle() -> None:
    """As a loader builds it: only what is valid, and nothing that the stack cannot be without."""
    spec = Stack.model_construct(jobs=demo().jobs, models=None, pipelines={"p": None})

    assert found(spec, environments={"sk"}) == [
        ("dangling-reference", "jobs.train.inputs.data", "declare it under data")
    ]


def test_every_problem_is_found_at_once() -> None:
    spec = stack(
        jobs={"a": {**JOB, "environment": "x", "compute": "y", "inputs": {"i": "data.z"}}},
        schedules={"s": {"on": "monitors.m", "pipeline": "p"}},
    )

    assert [path for _, path, _ in found(spec)] == [
        "jobs.a.environment",
        "jobs.a.compute",
        "jobs.a.inputs.i",
        "schedules.s.on",
        "schedules.s.pipeline",
    ]
