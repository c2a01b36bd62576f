"""Typical weather years, made from statistics by a seeded generator.

    python -m coplan.dataset.typical_year [--folder data/weather]

reads `stations.yaml` in the folder and writes `<set>/<station>.csv` for every set and station, and
SOURCE.md with what was required and what came out. No hour of any weather file is in them.
"""
