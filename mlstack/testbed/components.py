"""The parts of a control plane, in the order in which they are started, and the words of command of each.

All run in the testbed's folder and are given paths in it. etcd listens on sockets there, so that nobody else
on the machine reads the data; the API server and kwok, which answers for the nodes, have a port each.
"""

from __future__ import annotations

ETCD = "unix://etcd:1"  # a file of the name `etcd:1`: etcd wants something like a port
PEER = "unix://peer:1"
CERTIFICATE = "certs/apiserver.crt"
KEY = "certs/apiserver.key"
TOKENS = "tokens.csv"
STAGES = "stages.yaml"
POD_LOG = "pod.log"
SERVICES = "10.96.0.0/16"

#: Who the components are to the API server: user -> group.
IDENTITIES = {
    "admin": "system:masters",
    "kwok": "system:masters",
    "system:kube-controller-manager": "",
    "system:kube-scheduler": "",
}


def servers(port: int) -> dict[str, list[str]]:
    return {"etcd": _etcd(), "kube-apiserver": _api_server(port)}


def _etcd() -> list[str]:
    return [
        "--data-dir=etcd",
        "--unsafe-no-fsync",
        f"--listen-client-urls={ETCD}",
        f"--advertise-client-urls={ETCD}",
        f"--listen-peer-urls={PEER}",
        f"--initial-advertise-peer-urls={PEER}",
        f"--initial-cluster=default={PEER}",
        "--max-request-bytes=8388608",  # the definitions of some projects are large
        "--log-level=warn",
    ]


def _api_server(port: int) -> list[str]:
    # Its certificate and key are made at the first start; the key signs the tokens of service accounts, too.
    return [
        f"--etcd-servers={ETCD}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        f"--secure-port={port}",
        "--cert-dir=certs",
        f"--service-account-key-file={KEY}",
        f"--service-account-signing-key-file={KEY}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--token-auth-file={TOKENS}",
        "--authorization-mode=RBAC",
        "--allow-privileged",  # pod security admission says what may be, as elsewhere
        f"--service-cluster-ip-range={SERVICES}",
    ]


def controllers(kubelet: int) -> dict[str, list[str]]:
    """Those that are clients of the API server; it asks kwok, for every node, at the port ``kubelet``."""
    return {
        "kube-controller-manager": [
            f"--kubeconfig={kubeconfig('system:kube-controller-manager')}",
            f"--service-account-private-key-file={KEY}",
            f"--root-ca-file={CERTIFICATE}",
            "--use-service-account-credentials",
            "--leader-elect=false",
            "--secure-port=0",
        ],
        "kube-scheduler": [
            f"--kubeconfig={kubeconfig('system:kube-scheduler')}",
            "--leader-elect=false",
            "--secure-port=0",
        ],
        "kwok": [
            f"--kubeconfig={kubeconfig('kwok')}",
            f"--config={STAGES}",
            "--manage-all-nodes",
            "--node-ip=127.0.0.1",
            f"--node-port={kubelet}",
            f"--server-address=127.0.0.1:{kubelet}",
            f"--tls-cert-file={CERTIFICATE}",
            f"--tls-private-key-file={KEY}",
        ],
    }


def kubeconfig(user: str) -> str:
    """The file by which a user is known to the API server; the admin's is the one that people use."""
    return "kubeconfig" if user == "admin" else f"{user.removeprefix('system:')}.kubeconfig"
