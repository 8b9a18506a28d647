"""LS증권 OPEN API over the simulated market: what it answers, how it counts calls, when its tokens end."""
