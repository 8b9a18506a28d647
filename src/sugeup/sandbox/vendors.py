"""Who is served by a sandbox: one line for each vendor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sugeup.errors import Refused
from sugeup.sandbox.dart.service import Dart
from sugeup.sandbox.dart.service import Options as DartOptions
from sugeup.sandbox.kis.service import Kis
from sugeup.sandbox.kis.service import Options as KisOptions
from sugeup.sandbox.krx.service import Krx
from sugeup.sandbox.krx.service import Options as KrxOptions
from sugeup.sandbox.krx_login.service import KrxLogin
from sugeup.sandbox.krx_login.service import Options as KrxLoginOptions
from sugeup.sandbox.ls.service import Ls
from sugeup.sandbox.ls.service import Options as LsOptions
from sugeup.sandbox.naver.service import Naver
from sugeup.sandbox.naver.service import Options as NaverOptions
from sugeup.sandbox.service import Service
from sugeup.sandbox.world import REVISIONS, World


@dataclass(frozen=True)
class Options:
    """How a sandbox behaves.

    `revisions`: share of stocks whose evening figures are corrected next morning. `hurry`: how many times the calls of
    its limits a vendor takes in a second.
    """

    revisions: float = REVISIONS
    kis: KisOptions = field(default_factory=KisOptions)
    ls: LsOptions = field(default_factory=LsOptions)
    naver: NaverOptions = field(default_factory=NaverOptions)
    krx_login: KrxLoginOptions = field(default_factory=KrxLoginOptions)
    krx: KrxOptions = field(default_factory=KrxOptions)
    dart: DartOptions = field(default_factory=DartOptions)
    hurry: float = 1.0


def _hurried(options: Options) -> KisOptions:
    rate, seconds = int(options.kis.rate * options.hurry), options.kis.token_seconds / options.hurry
    return replace(options.kis, rate=rate, token_seconds=seconds)


SERVICES: Mapping[str, Callable[[World, Options], Service]] = {
    "kis": lambda world, options: Kis(world, _hurried(options)),
    "ls": lambda world, options: Ls(world, replace(options.ls, times=options.ls.times * options.hurry)),
    "naver": lambda world, options: Naver(world, replace(options.naver, rate=int(options.naver.rate * options.hurry))),
    "krx_login": lambda world, options: KrxLogin(world, options.krx_login),
    "krx": lambda world, options: Krx(world, options.krx),
    "dart": lambda world, options: Dart(world, options.dart),
}
"""Vendors by name, in the order in which they are told."""


def services(world: World, options: Options, names: Sequence[str] = ()) -> list[Service]:
    """The services of these vendors, of all when none is named; Refused for a name that is none."""
    for name in names:
        if name not in SERVICES:
            raise Refused(f"no sandbox of vendor {name!r}; there are: {', '.join(SERVICES)}")
    return [make(world, options) for name, make in SERVICES.items() if not names or name in names]
