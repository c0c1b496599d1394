"""Coverage without a tracer: each statement of ours marks itself, and nobody else's code is slowed down.

Up to Python 3.11 `coverage run` has the interpreter call it for every line that runs, of all libraries too, which
doubles the processor's time of the whole suite. Here the sources under `[tool.coverage.run] source` are compiled with
marks in them (`probes`) that lie in memory which all processes of a run share (`marks`), so that forked workers and
processes that are killed count as well. At the end the marks become an ordinary data file of coverage (`report`).
Programs that the tests start anew are measured by coverage itself.
"""
