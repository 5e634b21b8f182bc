"""What the targets share when they lower a spec to a cloud: files, names, packages, catalogues, refusals.

Nothing here names a cloud; what differs from one to the next is an argument.
"""
