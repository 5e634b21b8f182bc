"""Captured requests and answers of a deployment, as parquet files.

    <layout.captures(endpoint, deployment)>/<first time, UTC, YYYYmmddTHHMMSS.ffffff>.parquet

A file is whole or not there: it is written beside and renamed. Bodies are kept as they came.
"""
