"""Flavors: which module loads which files. One module each, imported only when its model is served."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mlstack_serving.errors import LoadError

if TYPE_CHECKING:  # who only asks for the flavor of some files waits for no numpy
    from mlstack_serving.config import Config
    from mlstack_serving.model import Model

PICKLES = ("model.joblib", "model.skops", "model.pkl")


class Flavor(NamedTuple):
    """``files``: what the flavor loads from a folder, best first."""

    name: str
    files: tuple[str, ...]


# In the order of detection: the first flavor with a file of its own in the folder is meant.
FLAVORS = (
    Flavor("mlflow", ("MLmodel",)),
    Flavor("sklearn", PICKLES),
    Flavor("lightgbm", ("model.txt", *PICKLES)),
    Flavor("xgboost", ("model.ubj", "model.json", *PICKLES)),
    Flavor("onnx", ("model.onnx",)),
    Flavor("pytorch", ("model.pt2", "model.pt")),
    Flavor("huggingface", ("config.json",)),
)

#: Packages that load a flavor's files. mlflow is not among them: such a model brings a list of its own.
PACKAGES = {
    "sklearn": ("scikit-learn", "pandas"),
    "xgboost": ("xgboost", "scikit-learn", "pandas"),
    "lightgbm": ("lightgbm", "scikit-learn", "pandas"),
    "pytorch": ("torch", "numpy"),
    "onnx": ("onnxruntime", "numpy"),
    "huggingface": ("transformers", "torch"),
}

#: A file that stands for a model of the Hugging Face hub, where a target keeps models as files alone.
POINTER = "mlstack-hub.json"


def load(config: Config) -> Model:
    """The model of ``config``; LoadError says what to do where it cannot be had.

    A signature that stands in a file is meant instead of the one that the model has by itself.
    """
    from mlstack_serving import schema

    folders = [Path(place) for place in (config.model, config.code) if place is not None]
    written = schema.named(*(folder for folder in folders if folder.is_dir()))
    model = _of_code(config, config.code) if config.code is not None else _of_files(config)
    return model if written is None else replace(model, signature=written)


def _of_code(config: Config, code: str) -> Model:
    from mlstack_serving.flavors import script

    return script.load(Path(code), config.script, config.model)


def _of_files(config: Config) -> Model:
    source = config.model or ""
    is_named = (Path(source) / POINTER).is_file()
    if config.flavor in (None, "huggingface") and is_named:
        return _load("huggingface", source, config.task)
    if config.flavor == "huggingface" and not Path(source).exists():
        return _load("huggingface", source, config.task)
    flavor, path = find(Path(source), config.flavor)
    if flavor == "huggingface":
        return _load(flavor, str(path.parent), config.task)
    return _load(flavor, path)


def find(model: Path, flavor: str | None) -> tuple[str, Path]:
    """The flavor and the file it loads; ``model`` is a folder or the file itself."""
    known = {item.name: item for item in FLAVORS}
    if flavor is not None and flavor not in known:
        raise LoadError(f"unknown flavor {flavor!r}: one of {', '.join(known)}")
    if not model.exists():
        raise LoadError(f"there is no model at {model}: check --model")
    candidates = [known[flavor]] if flavor else list(FLAVORS)
    if model.is_file():
        for item in candidates:
            endings = {Path(name).suffix for name in item.files} - {""}
            if flavor or model.name in item.files or model.suffix in endings:
                return item.name, model
    for item in candidates:
        for name in item.files:
            if (model / name).is_file():
                return item.name, model / name
    inside = (
        [path for path in sorted(model.iterdir()) if not path.name.startswith(".")] if model.is_dir() else []
    )
    if len(inside) == 1 and inside[0].is_dir():
        return find(inside[0], flavor)  # platforms put a model's folder into one of their own
    wanted = [name for item in candidates for name in item.files]
    raise LoadError(
        f"no {flavor or 'known'} model in {model}: expected {', '.join(dict.fromkeys(wanted))}, "
        "or code of your own (--code)"
    )


def need(module: str, package: str, flavor: str) -> Any:
    """``module``, or an error that names the package to add."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != module.split(".")[0]:
            raise
        raise LoadError(
            f"a {flavor} model needs the package {package}: add it to the deployment's environment"
        ) from None


def _load(flavor: str, *args: Any) -> Model:
    model: Model = import_module(f"mlstack_serving.flavors.{flavor}").load(*args)
    return model
