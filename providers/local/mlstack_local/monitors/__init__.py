"""Monitors: what is read of an endpoint's traffic, how it is judged, and who keeps the time.

statistics/     how far two samples are apart: pure functions on arrays
columns.py      a column of a table or of captured requests, with what was wrong in it
decode.py       bodies of requests and answers as rows
definition.py   a monitor as its file says it
measure/        one module for each signal: definition and traffic in, what was measured out
history.py      readings, the state of the alert and what is still to be told, in one SQLite file
report/         a reading as a page
tend.py         one reading from beginning to end, in a process of its own
scheduler.py    the process that keeps the time, one per stack
"""
