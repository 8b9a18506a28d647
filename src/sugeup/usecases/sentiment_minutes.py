"""장중 투자 심리: what each class has done since the open, held against the same clock time of past sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from sugeup.archive import Archive
from sugeup.market import sessions
from sugeup.metrics import behavior, investor, statistics
from sugeup.usecases import minute_board, sentiment_scene
from sugeup.usecases.minute_board import Board
from sugeup.usecases.panels import Floats
from sugeup.usecases.sentiment_scene import GROUPS, MONTH, RANKED, WEEK, Scene
from sugeup.usecases.sentiment_scores import TypeMoods

LEAST = 20
"""Fewer past sessions with this minute give no percentile."""
LAST = WEEK + 1


@dataclass(frozen=True, eq=False)
class Running:
    """Moods at the newest minute; the daily figures of the sessions before; how many sessions have this minute."""

    board: Board
    before: Scene
    moods: dict[str, TypeMoods]
    clock: str
    n: int
    shares: dict[str, Floats]


def load(archive: Archive, market: str, session: date | None) -> Running:
    """The running session, or the one asked for, by minute. Raises NoData as `session_choice.choose` does."""
    scopes = ("KOSPI", "KOSDAQ") if market == "ALL" else (market,)
    board = minute_board.load(archive, scopes, session, RANKED)
    before = sentiment_scene.load(archive, market, None)
    if before.session >= board.clock.session:
        before = sentiment_scene.load(archive, market, sessions.previous(board.clock.session))
    at = int(np.flatnonzero(board.known)[-1])
    minute = min(at, board.clock.length) if at <= board.longest else board.clock.length
    moods: dict[str, TypeMoods] = {}
    shares: dict[str, Floats] = {}
    known = 0
    traded = np.full(len(board.clocks), np.nan) if board.turnover is None else board.turnover[:, at]
    for group in GROUPS:
        net = board.reach[f"{group}_net_amount"][:, at]
        bought, sold = (board.reach[f"{group}_{side}_amount"][:, at] for side in ("buy", "sell"))
        net = np.where(np.isnan(net), bought - sold, net)
        with np.errstate(invalid="ignore", divide="ignore"):
            flow = np.where(traded > 0, net / traded, np.nan)
        known = max(known, int(np.isfinite(flow[:-1]).sum()))
        parts = {"flow_pct": _ranks(flow), "persistence_pct": _ranks(_lasting(board, before, group, net))}
        if group != "foreign":
            shares[group] = investor.participation(bought, sold, traded).value
            shares[group] = np.append(np.full(LAST, np.nan), shares[group])[-LAST:]
        moods[group] = TypeMoods({**parts, "breadth_pct": np.full((1, LAST), np.nan)})
    return Running(board, before, moods, board.clock.label(minute), known, shares)


def _lasting(board: Board, before: Scene, group: str, net: Floats) -> Floats:
    """Signed one-sidedness of nineteen whole sessions and the running one to this minute, by session of the board."""
    place = {day: column for column, day in enumerate(before.days)}
    daily, found = before.net(group), np.full(len(net), np.nan)
    for at, clock in enumerate(board.clocks):
        until = place.get(clock.session, len(before.days) if clock.session > before.session else None)
        if until is None or until < MONTH - 1 or sessions.previous(clock.session) != before.days[until - 1]:
            continue
        run = np.append(daily[until - MONTH + 1 : until], net[at])
        cell = behavior.consistency(run, window=MONTH, last=1).at(-1)
        if cell["value"] is not None:
            found[at] = cell["value"] * cell["direction"]
    return found


def _ranks(x: Floats) -> Floats:
    """Percentile of each of the last sessions among all before it, (1, last)."""
    found = np.full((1, LAST), np.nan)
    for back in range(min(LAST, len(x))):
        at = len(x) - 1 - back
        found[0, LAST - 1 - back] = statistics.percentile_rank(x[at], x[:at][-RANKED:], min_n=LEAST).value
    return found
