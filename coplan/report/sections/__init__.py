"""The chapters of the report, one module per group, each returning Sections for a plan's facts."""
