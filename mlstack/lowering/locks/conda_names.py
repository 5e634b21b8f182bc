"""Conda's names beside those of PyPI: only where they differ, and what PyPI has nothing of.

A name that is in no table is taken to be the same on PyPI, as it is for nearly all Python packages of
conda-forge.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

PYPI: Mapping[str, str] = {
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "pytorch-gpu": "torch",
    "py-opencv": "opencv-python-headless",
    "opencv": "opencv-python-headless",
    "py-xgboost": "xgboost",
    "py-xgboost-cpu": "xgboost",
    "py-xgboost-gpu": "xgboost",
    "tensorflow-base": "tensorflow",
    "tensorflow-cpu": "tensorflow",
    "tensorflow-gpu": "tensorflow",
    "faiss": "faiss-cpu",
    "matplotlib-base": "matplotlib",
    "seaborn-base": "seaborn",
    "geopandas-base": "geopandas",
    "dask-core": "dask",
    "ray-core": "ray",
    "ray-default": "ray[default]",
    "ray-tune": "ray[tune]",
    "ray-train": "ray[train]",
    "uvicorn-standard": "uvicorn[standard]",
    "pytables": "tables",
    "msgpack-python": "msgpack",
    "python-xxhash": "xxhash",
    "python-lmdb": "lmdb",
    "python-blosc": "blosc",
    "python-flatbuffers": "flatbuffers",
    "python-graphviz": "graphviz",
    "python-kaleido": "kaleido",
    "pyqt": "PyQt5",
    "pydantic-core": "pydantic-core",
    "prompt_toolkit": "prompt-toolkit",
    "sqlalchemy-base": "sqlalchemy",
    "onnxruntime-cpp": "onnxruntime",
}

#: Names of what is no Python package, and patterns of such names.
NOT_PYTHON: tuple[str, ...] = (
    r"_.*",
    r"r-.*",
    r"lib(?!cst$|rosa$|sass$|tmux$|svm$|pysal$|torrent$).*",
    r"ld_impl_.*",
    r"(cudatoolkit|cudnn|nccl|cuda|cuda-.*|pytorch-cuda|pytorch-mutex|cutensor)",
    r"(mkl|mkl-service|nomkl|blas|blas-.*|openblas|lapack|intel-openmp|llvm-openmp|tbb)",
    r"(gcc|gcc_.*|gxx|gxx_.*|g\+\+|gfortran|gfortran_.*|clang|clangxx|llvm|compilers|c-compiler|cxx-compiler"
    r"|binutils.*|sysroot_.*|make|automake|autoconf|pkg-config|bison|flex)",
    r"(openssl|ca-certificates|zlib|zlib-ng|bzip2|xz|lz4-c|zstd|snappy|ncurses|readline|tk|sqlite|expat|gmp"
    r"|mpfr|mpc|icu|hdf5|netcdf4-c|arrow-cpp|boost-cpp|eigen|fftw|gsl|geos|proj|gdal)",
    r"(openmpi|mpich|ucx|git|git-lfs|curl|wget|ffmpeg|graphviz|nodejs|openjdk|perl|ruby|go|rust|r|r-base|julia"
    r"|imagemagick|pandoc|poppler|tesseract|portaudio|sox|postgresql|redis|redis-server)",
)

_CUDA = re.compile(r"cudatoolkit|cudnn|nccl|cuda.*|pytorch-cuda|pytorch-mutex|cutensor")
_MATHS = re.compile(
    r"mkl.*|nomkl|blas.*|openblas|lapack|.*-openmp|tbb|lib(?:blas|lapack|gomp|gcc|stdcxx).*|_.*"
)

#: The package manager itself; an environment here needs none of it.
TOOLS = frozenset({"pip", "conda", "mamba"})


def is_python(name: str) -> bool:
    return not any(re.fullmatch(pattern, name) for pattern in NOT_PYTHON)


def way_out(name: str) -> str:
    """What to do about a package that is no Python one."""
    if _CUDA.fullmatch(name):
        return "take CUDA out: the wheels on PyPI bring what they need of it"
    if _MATHS.fullmatch(name):
        return "take the low-level libraries out: the wheels on PyPI have their own"
    return "install programs and libraries on this machine yourself, and take them out of the file"
