"""What SageMaker cannot do is refused before anything runs, with the way out."""

from __future__ import annotations

import pytest

from providers.aws.tests.kinds.lower import Refused

GROUND = """
environments: {sk: {packages: [scikit-learn==1.5.2]}}
models: {net: {path: files/net, flavor: lightgbm}}
"""
USUAL = "model: net, environment: sk"


@pytest.mark.parametrize(
    ("deployments", "field", "words"),
    [
        (f"main: {{{USUAL}, timeout: 90s}}", "main.timeout", "gives an answer 60s"),
        (f"main: {{{USUAL}, disk: 900}}", "main.disk", "512"),
        (f"main: {{{USUAL}, capture: {{sample: 0.125}}}}", "main.capture.sample", "whole percent"),
        (f"main: {{{USUAL}, size: cpu-s, replicas: {{min: 0}}}}", "main.size", "serverless"),
        (f"main: {{{USUAL}, memory: 16, replicas: {{min: 0}}}}", "main.memory", "1 to 6 GiB"),
        (f"main: {{{USUAL}, replicas: {{min: 0, max: 300}}}}", "main.replicas.max", "200 requests"),
        (
            f"main: {{{USUAL}, replicas: {{min: 0}}, capture: {{}}}}",
            "main.capture",
            "can be captured",
        ),
        (
            f"a: {{{USUAL}, traffic: 100, replicas: {{min: 0}}}}, b: {{{USUAL}, traffic: 0}}",
            "a.replicas.min",
            "one deployment",
        ),
        (
            f"a: {{{USUAL}, traffic: 90}}, b: {{{USUAL}, traffic: 10}}, c: {{{USUAL}, mirror: 9}}",
            "c.mirror",
            "no third",
        ),
        (
            f"a: {{{USUAL}, traffic: 90, capture: {{}}}}, b: {{{USUAL}, traffic: 10}}",
            "b.capture",
            "as a whole",
        ),
        ("main: {server: {container: {image: x}}}", "main.server.container.command", "8080"),
        ("main: {code: {dir: serve, script: score.py}}", "main", "which packages"),
    ],
)
def test_refused(refusals: Refused, deployments: str, field: str, words: str) -> None:
    told = refusals(f"{GROUND}\nendpoints: {{digits: {{deployments: {{{deployments}}}}}}}")
    assert words in told[f"endpoints.digits.deployments.{field}"]


@pytest.mark.parametrize(
    ("field", "words"), [("auth: key", "not supported on aws"), ("public: false", "one address")]
)
def test_the_address(refusals: Refused, field: str, words: str) -> None:
    told = refusals(f"{GROUND}\nendpoints: {{digits: {{{field}, deployments: {{main: {{{USUAL}}}}}}}}}")
    assert words in told[f"endpoints.digits.{field.partition(':')[0]}"]
