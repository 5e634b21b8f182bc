"""Scoring: a model works through whole tables or folders of files, and can be stopped and gone on with.

``python -m mlstack_serving.scoring --model DIR --data FILE|FOLDER --output DIR`` writes the predictions,
what failed, and numbers. Start it again with the same arguments after a crash: it goes on after the last
mini-batch that was finished, and what it writes is the same to the byte.

    __main__   settings, a run, the exit code
    sources    which files are the input, and of what form
    formats/   one module a form: csv, jsonl, parquet, files
    output     the output folder: manifest, parts, journal, and what is made of them
    workers    processes that hold the model (worker is the program in them)
    run        hands mini-batches to workers, halves those that fail, commits them in order
"""

from __future__ import annotations
