"""A Kubernetes control plane on this machine, without containers: for tests, and to try a stack on.

etcd, the API server, the controllers and the scheduler are the real ones, built from their sources once
(`binaries`); the nodes and what runs on them are played by kwok: pods are said to run, and nothing does.

    cluster = Cluster(folder)
    cluster.up(print)
    cluster.kubectl("get", "nodes")
    cluster.down()
"""

from mlstack.testbed.cluster import Cluster, Component, all_of_user, named

__all__ = ["Cluster", "Component", "all_of_user", "named"]
