"""네이버 증권 over the simulated market: pages of figures without a key."""
