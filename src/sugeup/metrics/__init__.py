"""Published measures of 수급, one module per family: pure functions on dense arrays."""
