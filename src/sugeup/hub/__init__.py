"""The hub: the only place that speaks to the network. One gate per credential, tokens, retries, pages, circuits."""

from sugeup.hub.client import Hub
from sugeup.hub.turns import Priority

__all__ = ["Hub", "Priority"]
