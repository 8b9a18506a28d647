"""KRX OPEN API as a sandbox: the exchange's daily lists of the simulated market, out on the next trading day."""
