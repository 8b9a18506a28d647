"""The library pykrx in a process of its own, spoken to in lines of JSON: it does its own HTTP and prints the log-in.

Started by `hub.pykrx_process`, never imported. The first line it is given holds the log-in, the address of a sandbox if
there is one, and the seconds that a request may take. Then each line is a question, a bld with its parameters:

    → {"path": "/dbms/…", "query": {…}}
    ← {"leave": "/comm/bldAttendant/getJsonData.cmd"}      before every request to the exchange, those of a log-in too
    → {"go": true}                                         or false: it is not sent
    ← {"login": {…}, "status": 200, "headers": {…}, "body": "base64"}

`login` stands in an answer when it was necessary to log in: the reply to it and every code that was seen. Log-in and
session are pykrx's own, and so is the request; what the library would do with an answer (blanks to 0, rates to two
bytes) is left away. What it prints stays in here.
"""

from __future__ import annotations

import base64
import importlib
import importlib.util
import io
import json
import os
import sys
import types
from typing import Any, BinaryIO
from urllib.parse import urlsplit

HOST = "data.krx.co.kr"
_LOGIN = "MDCCOMS001D1.cmd"
_OUT = "LOGOUT"


class NotSentError(Exception):
    """A request that may not leave."""


class Line:
    """The two ends of the conversation, taken away from whatever else reads or prints here."""

    def __init__(self) -> None:
        self._asked: BinaryIO = os.fdopen(os.dup(0), "rb")
        self._told: BinaryIO = os.fdopen(os.dup(1), "wb")
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 0)
        os.dup2(nowhere, 1)
        self.forget()

    def forget(self) -> None:
        """Drop what was printed."""
        sys.stdout = io.StringIO()

    def read(self) -> dict[str, Any] | None:
        """The next line; None when nobody is there any more."""
        line = self._asked.readline()
        return json.loads(line) if line else None

    def write(self, said: dict[str, Any]) -> None:
        """Say something."""
        self._told.write(json.dumps(said).encode() + b"\n")
        self._told.flush()

    def leave(self, path: str) -> None:
        """Ask whether a request may leave now; NotSentError when it may not."""
        self.write({"leave": path})
        answer = self.read()
        if answer is None:
            raise SystemExit(0)
        if not answer.get("go"):
            raise NotSentError("withheld")


class Library:
    """pykrx with a guarded session: to the exchange over https, or to a sandbox of this machine, and nowhere else."""

    def __init__(self, line: Line, given: dict[str, Any]) -> None:
        self._key, self._secret = str(given["key"]), str(given["secret"])
        self._base = str(given.get("address") or "")
        self._line = line
        self.logins: list[Any] = []
        for name in ("KRX_ID", "KRX_PW"):
            os.environ.pop(name, None)  # noqa: TID251  # with these, the library would log in while it is imported
        requests: Any = importlib.import_module("requests")
        requests.Session = _guarded(requests, self, float(given["seconds"]))
        _without_charts()
        self._auth = importlib.import_module("pykrx.website.comm.auth")
        self._web = importlib.import_module("pykrx.website.comm.webio")
        address = importlib.import_module("pykrx.website.krx.krxio").KrxWebIo.url
        self._page = type("Page", (self._web.Post,), {"url": address})()
        self._session: Any = None

    def moved(self, url: str) -> str:
        """Where a request to the exchange goes."""
        found = urlsplit(url)
        if found.scheme != "https" or found.hostname != HOST or found.port not in (None, 443):
            raise NotSentError(f"not the exchange: {found.scheme}://{found.hostname}")
        return self._base + url.partition(HOST)[2] if self._base else url

    def checked(self, url: str) -> None:
        """Whether a request may go to an address, a redirected one too, and a place for it."""
        if not (url.startswith(f"{self._base}/") if self._base else url.startswith(f"https://{HOST}/")):
            raise NotSentError(f"not the exchange: {urlsplit(url).hostname}")
        self._line.leave(urlsplit(url).path)

    @property
    def loopback(self) -> bool:
        """Whether a sandbox is asked: no proxy stands between."""
        return bool(self._base)

    def asked(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        """The answer to a question, after a log-in where there is none or where it ended early."""
        fresh = None
        if self._session is None or not self._session.is_valid():
            fresh = self._sign_in()
            if self._session is None:
                return {"login": fresh}
        response = self._page.read(bld=path.lstrip("/"), **query)
        if fresh is None and _logged_out(response):
            fresh = self._sign_in()
            if self._session is None:
                return {"login": fresh}
            response = self._page.read(bld=path.lstrip("/"), **query)
        return {"login": fresh} | _told(response)

    def _sign_in(self) -> dict[str, Any]:
        """Log in as the library does; what the exchange answered last, and every code on the way."""
        self.logins = []
        session = self._auth.KRXSession()
        try:
            good = session.refresh(self._key, self._secret)
        except ValueError:  # the answer is no JSON
            good = False
        self._session = session if good else None
        self._auth.set_auth_session(self._session)
        if not self.logins:
            raise NotSentError("the library did not log in")
        return _told(self.logins[-1]) | {"codes": [_code(one) for one in self.logins]}


def _guarded(requests: Any, library: Library, seconds: float) -> type:
    class Guarded(requests.Session):  # type: ignore[misc]
        """A session whose every request is looked at before it leaves."""

        def __init__(self) -> None:
            super().__init__()
            self.trust_env = not library.loopback

        def request(self, method: str, url: str, **given: Any) -> Any:
            """Move and send."""
            given["timeout"] = seconds
            return super().request(method, library.moved(url), **given)

        def send(self, request: Any, **given: Any) -> Any:
            """Send what may leave; replies to the log-in are kept."""
            library.checked(request.url)
            response = super().send(request, **given)
            if urlsplit(request.url).path.endswith(_LOGIN):
                library.logins.append(response)
            return response

    return Guarded


def _without_charts() -> None:
    """Make the package importable without what it draws charts with, which takes seconds and writes to the disk."""
    found = importlib.util.find_spec("pykrx")
    if found is None or found.submodule_search_locations is None:
        raise ModuleNotFoundError("pykrx")
    package = types.ModuleType("pykrx")
    package.__path__ = list(found.submodule_search_locations)
    sys.modules["pykrx"] = package


def _logged_out(response: Any) -> bool:
    return bool(response.status_code == 400 and response.text.strip().upper().startswith(_OUT))


def _code(response: Any) -> str:
    try:
        return str(response.json().get("_error_code", ""))
    except (ValueError, AttributeError):
        return ""


def _told(response: Any) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in response.headers.items() if name.lower() != "set-cookie"}
    body = base64.b64encode(response.content).decode()
    return {"status": response.status_code, "headers": headers, "body": body}


def main() -> None:
    """Answer until nobody asks any more."""
    line = Line()
    given = line.read()
    if given is None:
        return
    try:
        library = Library(line, given)
    except ImportError as error:
        line.write({"missing": str(error.name or "pykrx")})
        return
    line.write({"ready": True})
    requests = importlib.import_module("requests")
    while (question := line.read()) is not None:
        try:
            answer = library.asked(str(question["path"]), dict(question["query"]))
        except NotSentError as error:
            answer = {"failure": str(error), "left": False}
        except requests.exceptions.RequestException as error:
            never = isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ConnectionError)
            answer = {"failure": type(error).__name__, "left": not never}
        line.forget()
        line.write(answer)


if __name__ == "__main__":
    main()
