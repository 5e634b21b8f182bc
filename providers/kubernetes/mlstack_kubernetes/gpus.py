"""Accelerators: the words of the spec, and what nodes that have one are labelled with.

Sources: NVIDIA GPU Feature Discovery (nvidia.com/gpu.product is the device's name with hyphens), and Google
Kubernetes Engine, "About GPUs" (cloud.google.com/gke-accelerator).
"""

from __future__ import annotations

from collections.abc import Mapping

RESOURCE = "nvidia.com/gpu"
PRODUCT = "nvidia.com/gpu.product"
GKE = "cloud.google.com/gke-accelerator"

_A100_40 = ("NVIDIA-A100-SXM4-40GB", "NVIDIA-A100-PCIE-40GB")
_A100_80 = ("NVIDIA-A100-SXM4-80GB", "NVIDIA-A100-80GB-PCIe")

#: Type of the spec -> values of PRODUCT, values of GKE.
LABELS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "t4": (("Tesla-T4",), ("nvidia-tesla-t4",)),
    "l4": (("NVIDIA-L4",), ("nvidia-l4",)),
    "a10": (("NVIDIA-A10", "NVIDIA-A10G"), ()),
    "v100": (
        ("Tesla-V100-SXM2-16GB", "Tesla-V100-SXM2-32GB", "Tesla-V100-PCIE-16GB", "Tesla-V100-PCIE-32GB"),
        ("nvidia-tesla-v100",),
    ),
    "a100": ((*_A100_40, *_A100_80), ("nvidia-tesla-a100", "nvidia-a100-80gb")),
    "a100-40": (_A100_40, ("nvidia-tesla-a100",)),
    "a100-80": (_A100_80, ("nvidia-a100-80gb",)),
    "h100": (
        ("NVIDIA-H100-80GB-HBM3", "NVIDIA-H100-PCIe", "NVIDIA-H100-NVL"),
        ("nvidia-h100-80gb", "nvidia-h100-mega-80gb"),
    ),
}
