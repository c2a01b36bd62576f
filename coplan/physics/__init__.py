"""Physics that is not a decision: pure functions of arrays, with units and sources."""
