"""Where rows and state are kept: the lake (Delta tables) and the ledger (SQLite)."""
