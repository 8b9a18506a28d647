"""The key goes to the vendor over TLS, or to a server on this machine, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sugeup.errors import ConfigError
from sugeup.hub import Hub, addresses
from tests.hub import tiny

PAPER = replace(tiny.TINY, hosts={"api": "https://api.tiny.example:9443", "paper": "https://paper.tiny.example"})


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8420", "http://localhost:8420/", "http://[::1]:8420", "https://127.0.0.9"]
)
def test_a_server_on_this_machine_may_stand_for_the_vendor(address: str) -> None:
    assert {"api": address.rstrip("/")} == addresses.checked(tiny.TINY, {"api": address})


def test_another_host_of_the_same_vendor_may_be_asked() -> None:
    assert "https://paper.tiny.example" == addresses.checked(PAPER, {"api": "https://paper.tiny.example"})["api"]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://api.tiny.example:9443", "plain text"),
        ("http://10.0.0.5:8420", "plain text"),
        ("http://127.0.0.1.elsewhere.example", "plain text"),
        ("http://127.0.0.1@elsewhere.example/", "nothing else"),
        ("https://user:password@api.tiny.example", "nothing else"),
        ("https://elsewhere.example", "not one of the vendor's hosts"),
        ("ftp://127.0.0.1", "no http address"),
        ("127.0.0.1:8420", "no http address"),
        ("http://[::1", "no http address"),
        ("https://api.tiny.example:port", "no http address"),
    ],
)
def test_any_other_address_is_refused_before_anything_is_sent(address: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Hub(tiny.TINY, tiny.CREDENTIALS, folder=tmp_path, clock=tiny.WallClock(), hosts={"api": address})
    assert why in str(caught.value)
    assert "password" not in str(caught.value)


def test_a_host_that_the_vendor_does_not_have_is_named() -> None:
    with pytest.raises(ConfigError, match="has no host 'apy'; it has: api"):
        addresses.checked(tiny.TINY, {"apy": "http://127.0.0.1"})


def test_a_vendor_described_with_a_plain_address_is_refused() -> None:
    with pytest.raises(ConfigError, match="plain text"):
        addresses.checked(replace(tiny.TINY, hosts={"api": "http://api.tiny.example"}))
