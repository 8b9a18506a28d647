"""The web application with the fixtures of the conformance suite: `python -m tests.support.conformance_server`.

Factory, middleware, transport and application are those of `sugeup serve`; only what is offered is more. Three
methods that the newer protocol revision removed, and the product does not serve, are answered for the older suite.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from mcp.types import EmptyResult, SetLevelRequestParams, SubscribeRequestParams, UnsubscribeRequestParams

from sugeup.app import App, configure_logging
from sugeup.faces import mcp, serving
from sugeup.faces.answering import Answering
from sugeup.faces.mcp_server import Server
from sugeup.settings import LakeName, Settings
from tests.support.conformance_fixtures import FIXTURES

_PRODUCT = mcp.server
_LEGACY: tuple[tuple[str, type[Any]], ...] = (
    ("logging/setLevel", SetLevelRequestParams),
    ("resources/subscribe", SubscribeRequestParams),
    ("resources/unsubscribe", UnsubscribeRequestParams),
)


def server(answering: Answering) -> Server:
    """The product's server with the fixtures."""
    made = _PRODUCT(answering, FIXTURES)
    for method, params in _LEGACY:
        made._lowlevel_server.add_request_handler(method, params, _accepted)
    return made


async def _accepted(_: Any, __: Any) -> EmptyResult:
    return EmptyResult()


def main() -> None:
    """Serve the sample of a data folder until interrupted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int)
    parser.add_argument("--stdio", action="store_true")
    options = parser.parse_args()
    loaded = Settings(data_dir=options.data)
    configure_logging(loaded)
    app = App.open(loaded, LakeName.DEMO)
    if options.stdio:
        server(Answering(app)).run("stdio")
        return
    mcp.server = server  # type: ignore[assignment]
    serving.serve(app, port=options.port)


if __name__ == "__main__":
    main()
