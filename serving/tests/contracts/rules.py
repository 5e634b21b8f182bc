"""What each platform expects of a container, as its own documentation says it.

A row is a rule; the test that holds the server to it is named after it (``test_<id>``), in the file of
its platform. ``test_rules.py`` sees to it that no row is without a test, and no test without a row.
"""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """What the platform says, in our words, and the title of the page that says it."""

    says: str
    source: str


HOSTING = "Amazon SageMaker AI: Custom Inference Code with Hosting Services"
TRANSFORM = "Amazon SageMaker AI: Custom Inference Code with Batch Transform"
TOOLKIT = "SageMaker Inference Toolkit: default encoders and decoders, accept and content type"
MULTI = "Amazon SageMaker AI: Multi-container endpoints"
VERTEX = "Vertex AI: Custom container requirements for inference"
KSERVE = "KServe: Open Inference Protocol (V2 Inference Protocol)"
KSERVE1 = "KServe: V1 Protocol"
PREDICTOR = "KServe: Build Custom Model Server, and Storage Containers"
KNATIVE = "Knative: Container Runtime Contract"
KUBERNETES = "Kubernetes: Pod Lifecycle, Termination of Pods"
CUSTOM = "Azure Machine Learning: Deploy a model with a custom container to an online endpoint"
SERVER = "Azure Machine Learning: Debug scoring scripts with the inference HTTP server"
ENTRY = "Azure Machine Learning: Advanced entry script authoring"
AZURE_MLFLOW = "Azure Machine Learning: Deploy MLflow models to online endpoints"
MLFLOW = "MLflow: Local inference server, accepted input formats"

RULES = {
    "sagemaker": {
        "is_started_with_serve": Rule("the image runs with the one argument `serve`", HOSTING),
        "listens_on_8080_on_every_address": Rule("the container listens on port 8080", HOSTING),
        "the_bind_port_can_be_given": Rule("SAGEMAKER_BIND_TO_PORT says where to listen instead", MULTI),
        "the_model_is_in_opt_ml_model": Rule("artifacts are unpacked in /opt/ml/model", HOSTING),
        "ping_is_200_only_when_ready": Rule("a 200 of GET /ping means: send requests", HOSTING),
        "ping_answers_while_the_model_works": Rule("GET /ping answers within 2 seconds, always", HOSTING),
        "invocations_takes_json": Rule("POST /invocations has the caller's body and content type", HOSTING),
        "invocations_takes_csv_without_header": Rule("text/csv has no header", TOOLKIT),
        "invocations_takes_npy": Rule("application/x-npy is an array as numpy.save writes it", TOOLKIT),
        "npy_with_pickle_is_refused": Rule("an array of objects is not decoded", TOOLKIT),
        "accept_chooses_the_answers_type": Rule("the answer has the type that Accept names", TOOLKIT),
        "an_unknown_content_type_is_415": Rule("what cannot be decoded is unsupported media", TOOLKIT),
        "bad_input_is_400": Rule("the status of the container is handed to the caller", HOSTING),
        "the_containers_environment_reaches_the_code": Rule(
            "ContainerDefinition.Environment is set", HOSTING
        ),
        "sigterm_drains": Rule("SIGTERM, and SIGKILL 30 seconds later", HOSTING),
        "other_routes_are_404": Rule("the routes are /ping and /invocations", HOSTING),
        "mlflow_bodies": Rule("dataframe_split, dataframe_records, instances or inputs", MLFLOW),
    },
    "vertex": {
        "listens_on_aip_http_port_on_every_address": Rule("listen on AIP_HTTP_PORT of 0.0.0.0", VERTEX),
        "the_health_route_is_given": Rule("AIP_HEALTH_ROUTE: 200 only when ready", VERTEX),
        "the_predict_route_is_given": Rule("AIP_PREDICT_ROUTE takes POST", VERTEX),
        "predictions_are_as_many_as_instances": Rule("one prediction for each instance, in order", VERTEX),
        "parameters_are_no_error": Rule("a request may have parameters", VERTEX),
        "instances_may_be_objects": Rule("an instance is any JSON value", VERTEX),
        "raw_predict_hands_any_type_on": Rule("rawPredict sends the body with its own type", VERTEX),
        "bad_input_is_400": Rule("the status of the container is handed to the caller", VERTEX),
        "artifacts_come_from_the_storage_uri": Rule("AIP_STORAGE_URI is a folder in Cloud Storage", VERTEX),
        "other_aip_variables_do_no_harm": Rule("more AIP_ variables are set", VERTEX),
        "sigterm_drains": Rule("the container is stopped as a pod is", KUBERNETES),
    },
    "kserve": {
        "listens_on_8080_on_every_address": Rule("the predictor listens on port 8080", PREDICTOR),
        "knative_gives_the_port": Rule("PORT says where to listen", KNATIVE),
        "the_model_is_in_mnt_models": Rule(
            "the storage initializer puts the model in /mnt/models", PREDICTOR
        ),
        "live_and_ready": Rule("GET v2/health/live, v2/health/ready", KSERVE),
        "model_ready": Rule("GET v2/models/NAME/ready", KSERVE),
        "server_metadata": Rule("GET v2 gives name, version, extensions", KSERVE),
        "model_metadata": Rule("GET v2/models/NAME gives name, versions, platform, inputs, outputs", KSERVE),
        "infer": Rule("the answer has model_name, id and outputs with name, shape, datatype, data", KSERVE),
        "data_may_be_nested": Rule("data is flat or nested, row by row", KSERVE),
        "versions_have_routes": Rule("v2/models/NAME/versions/VERSION", KSERVE),
        "outputs_can_be_chosen": Rule("outputs names what is wanted", KSERVE),
        "parameters_are_no_error": Rule(
            "parameters are allowed everywhere; unknown ones are ignored", KSERVE
        ),
        "errors_have_a_message": Rule("an error is 4xx or 5xx with {error: text}", KSERVE),
        "an_unknown_model_is_404": Rule("a model that is not there is an error", KSERVE),
        "v1_lists_models": Rule("GET /v1/models gives {models: [...]}", KSERVE1),
        "v1_model_ready": Rule("GET /v1/models/NAME gives {name, ready}", KSERVE1),
        "v1_predict": Rule("POST /v1/models/NAME:predict: instances give predictions", KSERVE1),
        "v1_predict_takes_inputs": Rule("inputs is another word for instances", KSERVE1),
        "sigterm_drains": Rule("SIGTERM, then a grace period", KUBERNETES),
    },
    "azureml": {
        "listens_on_every_address": Rule("the routes are asked from outside of the container", CUSTOM),
        "the_model_is_in_azureml_model_dir": Rule("AZUREML_MODEL_DIR is the model's folder", ENTRY),
        "liveness_readiness_and_scoring": Rule("inference_config names three routes and a port", CUSTOM),
        "the_root_is_the_liveness_probe": Rule("GET / answers 200 on the platform's own server", SERVER),
        "score_takes_the_request": Rule("POST /score", SERVER),
        "the_entry_script_can_be_given": Rule("AML_APP_ROOT and AZUREML_ENTRY_SCRIPT name the code", SERVER),
        "the_same_script_answers_the_same": Rule(
            "run() gets the body as text; its value is the JSON", SERVER
        ),
        "a_crash_of_the_script_is_500": Rule("what run() raises is a 500", SERVER),
        "the_request_id_comes_back": Rule("x-request-id is taken over", SERVER),
        "input_data_of_mlflow": Rule("input_data: columns, index, data; or a list", AZURE_MLFLOW),
        "mlflow_bodies": Rule("dataframe_split, dataframe_records, instances or inputs", MLFLOW),
        "sigterm_drains": Rule("the container is stopped as a pod is", KUBERNETES),
    },
}
