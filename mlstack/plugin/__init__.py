"""`pulumi-resource-mlstack`: our own Pulumi provider, for what no cloud's Pulumi package has.

The engine starts the executable, and speaks gRPC to it. This package knows the wire; what is made, and
how, is each `mlstack.resource.Resource`'s affair, found through the registry of providers by its type
token ("mlstack:<provider>:<Type>").
"""
