"""Figures of endpoints, as CloudWatch has them."""

from __future__ import annotations

from mlstack_aws.runtime import AwsRuntime

from providers.aws.tests.runtime.conftest import batch, endpoint
from providers.aws.tests.strict import Asked, Says, Server

BLUE = {"requests": [3.0, 4.0], "errors": [1.0], "refused": [], "p50": [20_000.0], "p95": [90_000.0]}


def test_figures_of_each_variant(runtime: AwsRuntime, server: Server) -> None:
    def metrics(asked: Asked) -> Says:
        queries = asked.body["MetricDataQueries"]
        named = {each["Name"]: each["Value"] for each in queries[0]["MetricStat"]["Metric"]["Dimensions"]}
        assert named["EndpointName"] == "digits-1"
        held = BLUE if named["VariantName"] == "blue-1" else {}
        results = [{"Id": each["Id"], "Values": held.get(each["Id"], [])} for each in queries]
        return Says({"MetricDataResults": results})

    server.on("GetMetricData", metrics)
    blue, green = next(runtime.metrics([endpoint(), batch()]))
    assert (blue.endpoint, blue.deployment, blue.traffic) == ("digits", "blue", 100)
    assert (blue.requests, blue.errors, blue.refused) == (7, 1, 0)
    assert (blue.p50, blue.p95, blue.p99) == (0.02, 0.09, None)
    assert (green.requests, green.p50) == (0, None)
