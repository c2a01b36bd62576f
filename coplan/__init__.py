"""coplan: the open planner for green power and computing together."""
