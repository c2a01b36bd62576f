"""Compiled arrays to HiGHS and back: one LP, certified bounds, and the search over integers."""
