"""Does a signal work, honestly? Event studies, walk-forward tests, calibration, detection of planted events, leaks.

Pure functions on arrays and frames: no clock, no network, no store. Definitions: metrics.md 2.1, 5, 6 and 11.
"""
