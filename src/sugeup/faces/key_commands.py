"""`sugeup keys`: store, list and remove keys of sources, in the system's keychain or in an encrypted file (키 보관)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from sugeup import settings
from sugeup.errors import ConfigError, Refused
from sugeup.faces import completing, screen
from sugeup.usecases.wording import Grid

if TYPE_CHECKING:
    from sugeup.settings import Settings

SHOWN_OF = 16
"""Of a key with fewer characters none is shown; of a longer one the last four."""

app = typer.Typer(help="Keys of sources: store, list and remove them (API 키 보관).", no_args_is_help=True)

_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="kis_app_key, or the name of an environment variable; `sugeup keys list` names all.",
        show_default=False,
        autocompletion=completing.words(dict.fromkeys(settings.key_fields(), "")),
    ),
]


@app.command("set")
def set_(
    name: _Name,
    file: Annotated[
        bool, typer.Option("--file", help="In the encrypted file instead of the keychain: for servers without one.")
    ] = False,
) -> None:
    """Store a key. It is asked for unseen or read from the standard input, never from the command line."""
    from sugeup.keychain import Place, checked

    field = settings.key_field(name)
    loaded = settings.load()
    place = Place.FILE if file else Place.KEYCHAIN
    value = checked(field, _typed(field))
    loaded.stored.keep(field, value, place)
    screen.show_parts([f"{field} is stored in the {place.value}.", *_beside(loaded, field, place.value)])


@app.command("list")
def list_(as_json: _Json = False) -> None:
    """Every key: whether it is set, where it comes from, and its last characters where it is long."""
    loaded = settings.load()
    places = loaded.key_places()
    found = [
        {
            "name": field,
            "variables": list(settings.aliases(field)),
            "set": field in places,
            "place": places.get(field),
            "ends": _ends(loaded, field, places.get(field)),
            "about": str(settings.Settings.model_fields[field].description),
        }
        for field in settings.key_fields()
    ]
    if as_json:
        screen.write_json(found)
        return
    rows = [[str(one["name"]), str(one["place"] or "–"), str(one["ends"] or ""), str(one["about"])] for one in found]
    screen.show_parts(
        [
            Grid(["key", "from", "", ""], rows, words=range(4)),
            "",
            "The first of these that has a key is used: environment, .env, keychain, encrypted file.",
        ]
    )


@app.command("remove")
def remove(name: _Name) -> None:
    """Remove a key from the keychain and from the encrypted file."""
    field = settings.key_field(name)
    loaded = settings.load()
    gone = loaded.stored.remove(field)
    place = loaded.key_places().get(field)
    left = f"{field} is still set in the {place}." if place in ("environment", ".env") else ""
    if not gone:
        raise Refused(
            f"{field} is stored neither in the keychain nor in the encrypted file.",
            hint=f"{left} Remove it there." if left else "`sugeup keys list` shows what is set.",
        )
    screen.show_parts([f"{field} is removed from the {' and the '.join(gone)}.", *([left] if left else [])])


def _typed(field: str) -> str:
    """What was typed in secret, or the standard input without its line end."""
    if sys.stdin is None:
        raise Refused("There is no input to read the key from.", hint="Run it in a terminal, or pipe the key in.")
    if sys.stdin.isatty():
        from getpass import getpass

        return getpass(f"{field} (not shown): ").strip()
    try:
        return sys.stdin.read(1 << 16).removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise Refused("The input is not text.", hint="Pipe the key in as plain text.") from None


def _beside(loaded: Settings, field: str, place: str) -> list[str]:
    """Words on another value of the same key that goes first."""
    first = loaded.key_places().get(field)
    return [] if first in (place, None) else [f"The one in the {first} goes first: remove it to use this one."]


def _ends(loaded: Settings, field: str, place: str | None) -> str | None:
    """The last four characters of a long key, behind a sign that there are more; None when it cannot be told.

    The encrypted file is opened only if its passphrase is in the settings: a list asks for nothing.
    """
    from sugeup.keychain import Place

    if place is None or (place == Place.FILE and loaded.passphrase is None and loaded.passphrase_file is None):
        return None
    try:
        held = getattr(loaded.keyed([field]), field)
    except ConfigError:
        return "cannot be read"
    value = "" if held is None else held.get_secret_value()
    return f"…{value[-4:]}" if len(value) >= SHOWN_OF else "…"
