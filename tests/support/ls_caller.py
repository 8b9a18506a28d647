"""A caller of a sandbox that knows LS: every field of a question present, taken from the specification."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from starlette.testclient import TestClient

from sugeup.sandbox.ls.auth import KEY, SECRET
from sugeup.sandbox.sandbox import Sandbox
from sugeup.sandbox.server import SandboxApp
from sugeup.specifications import specification
from tests.support.sandboxes import market

SPECIFICATION = specification("ls")
ENDPOINTS = SPECIFICATION["endpoints"]
DAYS = {"sdate": "20250301", "fdate": "20250301", "fromdt": "20250301", "from_date": "20250301"}
USUAL: dict[str, dict[str, str | int]] = {
    "t8407": {"nrec": 2, "shcode": "".join(market().codes[:2])},
    "t1665": {"gubun2": "1"},
    "t1636": {"shcode": ""},
    "t1516": {"shcode": ""},
}


class LsCaller:
    """Asks a sandbox as a client of LS does."""

    def __init__(self, http: httpx.Client, key: str = KEY, secret: str = SECRET) -> None:
        self.http, self.key, self.secret = http, key, secret
        self.token = ""

    def fresh(self, **given: str) -> httpx.Response:
        """Ask for a token and keep it."""
        form = {"grant_type": "client_credentials", "appkey": self.key, "appsecretkey": self.secret, "scope": "oob"}
        found = self.http.post(SPECIFICATION["token"]["path"], data=form | given)
        self.token = found.json().get("access_token", self.token)
        return found

    def headers(self, name: str, **given: str) -> dict[str, str]:
        """Headers of a call; those given as empty are left away."""
        if not self.token:
            self.fresh()
        told = {
            "content-type": "application/json; charset=UTF-8",
            "authorization": f"Bearer {self.token}",
            "tr_cd": name,
            "tr_cont": "N",
            "tr_cont_key": "",
        }
        return {field: value for field, value in (told | given).items() if value or field == "tr_cont_key"}

    def send(self, name: str, headers: dict[str, str] | None = None, **given: Any) -> httpx.Response:
        """Ask a question; fields that are not given take usual values, those given as None are left away."""
        entry = ENDPOINTS[name]
        block = {field: usual(name, field, told) for field, told in entry["request"][f"{name}InBlock"].items()}
        block = {field: value for field, value in (block | given).items() if value is not None}
        sent = self.headers(name, **(headers or {}))
        return self.http.post(entry["path"], json={f"{name}InBlock": block}, headers=sent)

    def ask(self, name: str, **given: Any) -> dict[str, Any]:
        """The same; the body of a success."""
        found = dict(self.send(name, **given).json())
        assert found["rsp_cd"] == "00000", found
        return found


def usual(name: str, field: str, told: dict[str, Any]) -> str | int:
    """A value for a field: the first that the specification allows, or what most callers write."""
    if field in USUAL.get(name, {}):
        return USUAL[name][field]
    if told["type"] == "number":
        return 100 if field in {"cnt", "qrycnt"} else 1 if field in {"ncnt", "nmin"} else 0
    if field in {"shcode", "upcode"}:
        return market().codes[0] if field == "shcode" else "001"
    return DAYS.get(field) or str((told.get("allowed") or [""])[0])


@contextmanager
def calling_ls(sandbox: Sandbox) -> Iterator[LsCaller]:
    """A caller of the application itself, without sockets."""
    with TestClient(SandboxApp(sandbox), base_url="http://127.0.0.1") as http:
        yield LsCaller(http)
