"""The hub: the only place that speaks to the network. One gate per credential, tokens, retries, pages, circuits."""
