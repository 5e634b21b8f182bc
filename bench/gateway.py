"""What the local gateway costs: one worker asked directly, and the same worker behind its gateway.

Prints one JSON object. The worker serves a logistic regression on the UCI digits; every request is one row.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
from load import load, request
from mlstack_local import serving
from mlstack_local.deployments.inputs import DeploymentInputs, ModelPart
from mlstack_local.resources.deployment import Deployment
from mlstack_local.resources.endpoint import Endpoint, EndpointInputs
from mlstack_local.resources.traffic import Traffic, TrafficInputs
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from mlstack.resource import Context, State

GOAL_RATIO, GOAL_ADDED_MS = 0.7, 2.0


def measure(
    ask: Callable[[int, int], dict[str, float]], worker: int, gateway: int, rounds: int
) -> dict[str, Any]:
    """In turns, so that a busy machine hits both; the median round counts."""
    result: dict[str, Any] = {}
    for connections in (1, 16):
        pairs = [(ask(worker, connections), ask(gateway, connections)) for _ in range(rounds)]
        pairs.sort(key=lambda pair: pair[1]["requests_per_second"] / pair[0]["requests_per_second"])
        bare, behind = pairs[len(pairs) // 2]
        result[f"connections_{connections}"] = {
            "worker": bare,
            "gateway": behind,
            "throughput_ratio": round(behind["requests_per_second"] / bare["requests_per_second"], 3),
            "added_median_ms": round(behind["median_ms"] - bare["median_ms"], 3),
        }
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        os.environ["MLSTACK_CACHE"] = str(root / "cache")
        python = root / "cache" / "environments" / "bench" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        digits, labels = load_digits(return_X_y=True)
        (root / "model").mkdir()
        joblib.dump(
            LogisticRegression(max_iter=100).fit(digits / 16, labels), root / "model" / "model.joblib"
        )
        body = json.dumps({"instances": (digits[:1] / 16).tolist()}).encode()
        context = Context(root, "urn:bench", "bench")
        endpoint, deployment, traffic = Endpoint(), Deployment(), Traffic()
        made: list[tuple[Any, State]] = []
        try:
            made.append(
                (endpoint, endpoint.create(context, EndpointInputs(stack_uid="bench", name="digits")))
            )
            inputs = DeploymentInputs(
                stack_uid="bench",
                endpoint="digits",
                name="blue",
                model=ModelPart(name="digits", uri="model", version="1"),
                environment="bench@bench",
                runtime=serving.runtime(),
            )
            made.append((deployment, deployment.create(context, inputs)))
            split = TrafficInputs(stack_uid="bench", endpoint="digits", weights={"blue": 100})
            made.append((traffic, traffic.create(context, split)))
            outputs = made[0][1].outputs

            message = request("/", body, authorization=f"Bearer {outputs['key']}")

            def ask(port: int, connections: int) -> dict[str, float]:
                return load(port, message, connections, arguments.seconds)

            port = made[1][1].outputs["workers"][0]["port"]
            result = measure(ask, port, outputs["port"], arguments.rounds)
        finally:
            for resource, state in reversed(made):
                resource.delete(context, state)
    busy = result["connections_16"]
    print(
        json.dumps(
            {
                "bench": "gateway",
                **result,
                "goals": {"throughput_ratio": GOAL_RATIO, "added_median_ms": GOAL_ADDED_MS},
                "met": busy["throughput_ratio"] >= GOAL_RATIO and busy["added_median_ms"] < GOAL_ADDED_MS,
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
