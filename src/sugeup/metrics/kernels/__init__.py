"""Compiled loops behind the metrics. Importing this package is cheap; importing one of its modules loads numba.

Metrics import a kernel inside the function that calls it, so that a face starts without waiting for the compiler.
"""
