"""Tests of `sugeup.research`."""
