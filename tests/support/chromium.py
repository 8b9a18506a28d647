"""A real browser without its window, for pages: what a page shows, after what a host sends it and a user does.

Chromium (or Chrome) of the machine is used. Without one a test is skipped with the reason; under CI it fails instead.
"""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from tests.support.required import unavailable

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # nothing is reached but the file
    "--virtual-time-budget=10000",
)
_HOST = """<script>
/* What a host does, at once: it answers the page's greeting, gives it a tool's answer, and writes down what went wrong.
   The page's window is its own parent here, so what it posts to its host comes to this script. */
(() => { const told = %(told)s, faults = [], asked = [];
window.addEventListener("error", (event) => faults.push(event.message));
window.addEventListener("unhandledrejection", (event) => faults.push(String(event.reason)));
window.addEventListener("securitypolicyviolation", (event) => faults.push(event.violatedDirective + event.blockedURI));
const reply = (sent) => window.dispatchEvent(
  new MessageEvent("message", { data: { jsonrpc: "2.0", ...sent }, source: window }));
const seen = () => { document.documentElement.dataset.seen = JSON.stringify({ faults, asked,
  text: document.body.innerText,
  beyond: document.documentElement.scrollWidth - document.documentElement.clientWidth }); };
window.postMessage = (message) => {
  if (message.method) asked.push(message.method);
  if (message.method === "ui/initialize") reply({ id: message.id, result: told.host });
  if (message.method === "resources/read") reply({ id: message.id, result: told.resource });
  if (message.method === "ui/notifications/size-changed") seen();
  if (message.method !== "ui/notifications/initialized") return;
  reply({ method: "ui/notifications/tool-input", params: { arguments: {} } });
  reply({ method: "ui/notifications/tool-result", params: told.result });
};
window.addEventListener("load", () => { try { %(act)s } catch (error) { faults.push(String(error)); } seen(); }); })();
</script>"""


@dataclass(frozen=True)
class Seen:
    """What a page showed: its document, its text, the messages it sent, what went wrong, pixels beyond its width."""

    document: str
    text: str
    asked: list[str]
    faults: list[str]
    beyond: int

    @property
    def main(self) -> str:
        """What is drawn, without the scripts."""
        return self.document.split("<main", 1)[1].split("</main>", 1)[0]


@functools.cache
def browser() -> str:
    """The browser's command; skips the test that asks, or fails it under CI, when there is none."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    return found or unavailable("a browser is needed: on Debian, apt-get install chromium fonts-nanum")


def opened(
    page: str,
    result: dict[str, Any],
    *,
    act: str = "",
    theme: str = "light",
    locale: str = "ko-KR",
    resource: dict[str, Any] | None = None,
    width: int = 760,
) -> Seen:
    """Open an app's page as a host does, give it a tool's result, run `act` in it, and tell what is there then."""
    host = {
        "protocolVersion": "2026-01-26",
        "hostInfo": {"name": "test", "version": "1"},
        "hostCapabilities": {} if resource is None else {"serverResources": {}},
        "hostContext": {"theme": theme, "locale": locale},
    }
    told = json.dumps({"host": host, "result": result, "resource": resource}).replace("</", "<\\/")
    assert "<head>" in page
    prepared = page.replace("<head>", "<head>" + _HOST % {"told": told, "act": act}, 1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_text(prepared, encoding="utf-8")
        command = [
            browser(),
            *_OPTIONS,
            f"--user-data-dir={folder}/profile",
            f"--window-size={width},900",
            "--dump-dom",
        ]
        done = subprocess.run([*command, path.as_uri()], capture_output=True, text=True, timeout=90, check=False)
    reader = _Reader()
    reader.feed(done.stdout)
    assert reader.seen is not None, done.stderr[-2000:]
    return Seen(done.stdout, **{key: reader.seen[key] for key in ("text", "asked", "faults", "beyond")})


class _Reader(HTMLParser):
    seen: dict[str, Any] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs).get("data-seen")
        if tag == "html" and found:
            self.seen = json.loads(found)
