"""The process that looks after an endpoint's workers: how many there are, and whether they are well.

It compares what should be with what is, several times a second, and does the next step. So one that was
killed goes on where it was, and nothing that it does has to be undone.
"""
