"""Azure's machines, regions and list prices, as data."""

from mlstack.provider import Capabilities

CAPABILITIES = Capabilities(
    sizes={"cpu-s": "Standard_D2s_v3", "cpu-m": "Standard_D4s_v3", "cpu-l": "Standard_D16s_v3"},
    auths=frozenset({"key", "token", "identity"}),
    default_auth="key",
)
