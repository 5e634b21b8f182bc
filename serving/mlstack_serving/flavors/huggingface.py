"""Hugging Face: a folder with config.json, or a hub id, as a transformers pipeline."""

from __future__ import annotations

import base64
import binascii
import io
import json
import threading
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from mlstack_serving.batch import Batch
from mlstack_serving.errors import BadInput, LoadError
from mlstack_serving.flavors import POINTER, need
from mlstack_serving.flavors.pytorch import unfit
from mlstack_serving.model import Model
from mlstack_serving.schema import Column, Signature, Table, Tensor
from mlstack_serving.schema.table import Texts

# The head of an architecture says what the model is for; a hub id's card says it too, a folder has only this.
_TASKS = {
    "ForSequenceClassification": "text-classification",
    "ForTokenClassification": "token-classification",
    "ForQuestionAnswering": "question-answering",
    "ForMaskedLM": "fill-mask",
    "ForCausalLM": "text-generation",
    "LMHeadModel": "text-generation",
    "ForImageClassification": "image-classification",
    "ForAudioClassification": "audio-classification",
    "ForSpeechSeq2Seq": "automatic-speech-recognition",
    "ForCTC": "automatic-speech-recognition",
    # A body without a head gives what it sees in the text.
    "Model": "feature-extraction",
}
_PAIRS = {
    "question-answering": ("question", "context"),
    "zero-shot-classification": ("sequences", "candidate_labels"),
}
_SCORED = ("text-classification", "sentiment-analysis")  # others give several labels for a row


def pointed(source: str) -> tuple[str, str | None]:
    """(model, revision): what a folder's `POINTER` names, where it has one; else the source as it is."""
    file = Path(source) / POINTER
    if not file.is_file():
        return source, None
    try:
        named = json.loads(file.read_text(encoding="utf-8"))
        hub, revision = named["hub"], named.get("revision")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise LoadError(f'{POINTER} is not as mlstack writes it: {{"hub": "org/name"}}') from None
    return hub, revision


def load(source: str, task: str | None) -> Model:
    transformers = need("transformers", "transformers", "huggingface")
    source, revision = pointed(source)
    if task is None and Path(source).is_dir():
        task = task_of(Path(source))
    try:
        pipeline = transformers.pipeline(task=task, model=source, revision=revision)
    except KeyError as error:  # version 5 has given up some tasks, question-answering among them
        raise LoadError(
            f"transformers {transformers.__version__} does not serve {task!r} ({error.args[0]}): name "
            "another version in the deployment's environment, another --task, or give code of your own"
        ) from error
    decode = _decoder(pipeline.task)
    refused = import_module("transformers.pipelines.base").PipelineException
    # The tokenizers' settings change during a call: two threads in one fail with "Already borrowed".
    lock = threading.Lock()

    def predict(batch: Batch, wanted: Sequence[str]) -> Any:
        rows = [decode(row, batch.place(index)) for index, row in enumerate(_rows(batch))]
        try:
            with lock:
                results = pipeline(rows, **batch.parameters)
        except (TypeError, ValueError, refused) as error:
            what = str(error).split("\n")[0]
            raise BadInput(what, "parameters" if batch.parameters else batch.field) from error
        except (RuntimeError, IndexError) as error:  # a text that is longer than the model takes
            if reason := unfit(import_module("torch"), error):
                raise BadInput(reason, batch.field) from error
            raise
        # One row of one dict is answered without its list; some pipelines answer each by a list of one.
        listed = results if isinstance(results, list) else [results]
        return [row[0] if isinstance(row, list) and len(row) == 1 else row for row in listed]

    scores = (Tensor("label", "BYTES", (-1,)), Tensor("score", "FP64", (-1,)))
    return Model(
        "huggingface",
        predict,
        outputs=scores if pipeline.task in _SCORED else (),
        signature=_signature(pipeline.task, pipeline.tokenizer),
        parameters={"task": pipeline.task},
    )


def _signature(task: str, tokenizer: Any) -> Signature:
    if task in _PAIRS:
        return Table([Column(name, "text") for name in _PAIRS[task]])
    texts: Signature = Texts()
    if task == "fill-mask":
        texts.example = f"a {tokenizer.mask_token} word"
    elif task.startswith(("image", "audio", "automatic-speech")):
        texts.example = None
    return texts


def _rows(batch: Batch) -> list[Any]:
    if not batch.named:
        return list(batch.rows)
    return [dict(zip(batch.tensors, row)) for row in zip(*batch.tensors.values())]


def _decoder(task: str) -> Callable[[Any, str], Any]:
    """What a row is for the pipeline. Images and sounds come as base64: an address or a path would make the
    server read what its caller cannot."""
    if task.startswith("image"):
        pillow = need("PIL.Image", "pillow", "huggingface")
        return lambda row, place: _image(pillow, row, place)
    if task.startswith(("audio", "automatic-speech")):
        return _bytes
    return lambda row, place: row


def _bytes(row: str, place: str) -> bytes:
    try:
        return base64.b64decode(row.partition("base64,")[2] or row, validate=True)
    except (binascii.Error, ValueError):
        raise BadInput("must be base64", place) from None


def _image(pillow: Any, row: str, place: str) -> Any:
    content = _bytes(row, place)
    try:
        return pillow.open(io.BytesIO(content)).convert("RGB")
    except (import_module("PIL").UnidentifiedImageError, OSError):
        raise BadInput("is no image that can be read", place) from None


def task_of(folder: Path) -> str:
    """The pipeline's task by the architecture named in config.json."""
    architectures = (
        json.loads((folder / "config.json").read_text(encoding="utf-8")).get("architectures") or []
    )
    for architecture in architectures:
        for ending, task in _TASKS.items():
            if architecture.endswith(ending):
                return task
    raise LoadError(f"the task of {architectures or folder} is not known: give --task (MLSTACK_TASK)")
