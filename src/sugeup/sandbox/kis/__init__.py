"""한국투자증권 as it answers: its paths, envelopes, limits and words, over the simulated market."""
