"""Answers explained: what binds in a finished plan, and why nothing fits where there is none."""
