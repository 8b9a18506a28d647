"""What the options before a command chose: the lake, and as of when it is read; and the application that opens it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sugeup.errors import Refused

if TYPE_CHECKING:
    from sugeup.app import App
    from sugeup.settings import LakeName

lake: LakeName | None = None
"""The lake of `--lake`; None: the one that the settings name."""
stored_on: datetime | None = None
"""The moment of `--as-stored-on`; None: now."""


def opened(named: LakeName | None = None, *, write: bool = False) -> App:
    """The application over a lake: the one named, else that of the command line or the settings.

    `write`: to store something, which a look into the past refuses.
    """
    from sugeup import settings
    from sugeup.app import App, configure_logging

    if write and stored_on is not None:
        raise Refused("--as-stored-on looks back; nothing can be stored in the past.", hint="Leave the option out.")
    loaded = settings.load()
    configure_logging(loaded)
    return App.open(loaded, named or lake, stored_on=stored_on)
