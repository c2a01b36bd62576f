"""One module per way of building the model: `build(instance)` ends with the solver loaded."""
