"""DART as a sandbox: reports about simulated companies, which nobody ever filed."""
