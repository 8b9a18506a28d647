"""Where requests may go: the vendor's own hosts over TLS, or this machine. Keys never travel in the clear."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from sugeup.errors import ConfigError
from sugeup.sources.vendor import Vendor


def checked(vendor: Vendor, overrides: Mapping[str, str] | None = None) -> dict[str, str]:
    """Host name → address without a final slash; ConfigError for an address that would get the key and must not.

    An override may name the loopback interface (a sandbox), or another of the vendor's own hosts over https.
    """
    given = dict(overrides or {})
    unknown = sorted(set(given) - set(vendor.hosts))
    if unknown:
        raise ConfigError(
            f"{vendor.name} has no host {unknown[0]!r}; it has: {', '.join(sorted(vendor.hosts))}.",
            hint="Correct the name of the host.",
        )
    own = {urlsplit(address).hostname for address in vendor.hosts.values()}
    return {name: _address(vendor, name, given.get(name, own_one), own) for name, own_one in vendor.hosts.items()}


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _address(vendor: Vendor, name: str, address: str, own: set[str | None]) -> str:
    why = _fault(_split(address), own)
    if why:
        raise ConfigError(
            f"{vendor.name} may not be asked at {_shown(address)} ({name}): {why}.",
            hint=f"Allowed: {', '.join(sorted(vendor.hosts.values()))}, or a server on 127.0.0.1.",
        )
    return address.rstrip("/")


def _fault(found: SplitResult | None, own: set[str | None]) -> str:
    if found is None or found.scheme not in {"http", "https"} or not found.hostname:
        return "that is no http address"
    if found.username is not None or found.password is not None or found.query or found.fragment:
        return "an address holds a host, a port and a path, nothing else"
    if is_loopback(found.hostname):
        return ""
    if found.scheme == "http":
        return "the key would travel in plain text"
    return "" if found.hostname in own else "that is not one of the vendor's hosts"


def _split(address: str) -> SplitResult | None:
    try:
        found = urlsplit(address)
        _ = found.port
    except ValueError:
        return None
    return found


def _shown(address: str) -> str:
    """The address without what stands before an @: that may be a password."""
    return repr(address.rpartition("@")[2])
