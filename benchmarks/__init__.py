"""The same energy-and-compute model built by coplan and by its peers, timed side by side.

`python -m benchmarks` measures and prints a table of ratios; `benchmarks/README.md` says how each
peer is configured and how to read the table.
"""
