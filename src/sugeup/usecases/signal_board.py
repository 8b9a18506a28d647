"""신호판: figures of all stocks on one session, read once, and every signal that the detectors find in them.

The detectors are those of the interactive answers; here they work on panels of the whole market.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import numpy as np
import polars as pl

from sugeup.archive import Archive
from sugeup.metrics.anomaly_models import AnomalyModel
from sugeup.usecases import (
    calibrations,
    panels,
    sector_map,
    sector_scene,
    signal_alerts,
    signal_anomalies,
    signal_market,
    signal_patterns,
    signal_sectors,
    signal_shorts,
    signal_smart_money,
    signal_unusual,
    smart_money_scene,
)
from sugeup.usecases.signal_panels import Panels
from sugeup.usecases.signal_rows import Family, frame
from sugeup.usecases.smart_money_scene import WEEK, Scene


@dataclass(frozen=True, eq=False)
class Board:
    """One session of the whole market. `told`: when it was read; `model`: of ordinary days, if there is one."""

    archive: Archive
    scene: Scene
    told: datetime
    model: AnomalyModel | None = None

    @property
    def session(self) -> date:
        """The session of the signals."""
        return self.scene.session

    @property
    def named(self) -> tuple[str, ...]:
        """Families of what is tested together, as `rows` have them."""
        return (self.scene.market, "STOCK")

    @cached_property
    def provisional(self) -> bool:
        """Whether a figure of the last five sessions is 잠정, as the answers about smart money have it."""
        return bool(self.scene.flows.last(WEEK).provisional.any())

    @cached_property
    def families(self) -> tuple[Family, ...]:
        """What each family of detectors found."""
        codes = tuple(np.array(self.scene.codes)[self.scene.tested].tolist())
        held = Panels(self.archive, self.scene, codes)
        return (
            *signal_smart_money.found(self.scene, self.provisional),
            *signal_patterns.found(held, self.provisional),
            *signal_alerts.found(self.scene, self.provisional),
            *signal_unusual.found(self.scene, self.provisional),
            signal_anomalies.found(held, self.model, self.provisional),
            signal_shorts.found(self.archive, self.session),
        )

    @cached_property
    def rows(self) -> pl.DataFrame:
        """Rows of `signals` of every stock, with the confidence of those kinds that have one."""
        told = frame(self.families, self.session, self.told)
        return calibrations.filled(told, calibrations.load(self.archive, self.session))

    @cached_property
    def tested(self) -> frozenset[str]:
        """Kinds that could be judged: a signal of theirs that is stored and not among `rows` is gone."""
        return frozenset(kind for family in self.families if family.tested for kind in family.kinds)


def load(archive: Archive, session: date, model: AnomalyModel | None = None) -> Board:
    """Read a session. Raises NoData as `panels.latest` does when its trading by investor is not stored."""
    told = archive.clock.now()
    return Board(archive, smart_money_scene.load(archive, "ALL", session), told, model)


@dataclass(frozen=True, eq=False)
class MarketBoard:
    """One session of one market's own signals: changes of regime, rare selling by foreigners."""

    archive: Archive
    market: str
    session: date
    told: datetime

    @property
    def named(self) -> tuple[str, ...]:
        """Families of what is tested together, as `rows` have them."""
        return (self.market,)

    @cached_property
    def families(self) -> tuple[Family, ...]:
        """What each family of detectors found."""
        return signal_market.found(self.archive, self.market, self.session)

    @property
    def provisional(self) -> bool:
        """Whether a figure behind them is 잠정."""
        return any(family.provisional for family in self.families)

    @cached_property
    def rows(self) -> pl.DataFrame:
        """Rows of `signals` of the market."""
        return frame(self.families, self.session, self.told)

    @cached_property
    def tested(self) -> frozenset[str]:
        """Kinds that could be judged."""
        return frozenset(kind for family in self.families if family.tested for kind in family.kinds)


@dataclass(frozen=True, eq=False)
class SectorBoard:
    """One session of all sectors together: what one of them got, others did not."""

    scene: sector_scene.Scene
    told: datetime

    @property
    def session(self) -> date:
        """The session of the signals."""
        return self.scene.session

    @property
    def named(self) -> tuple[str, ...]:
        """Families, as `rows` have them: the market of a sector."""
        return (*panels.MARKETS, signal_sectors.MIXED)

    @cached_property
    def provisional(self) -> bool:
        """Whether a figure of the last five sessions is 잠정."""
        return bool(self.scene.flows.last(WEEK).provisional.any())

    @cached_property
    def families(self) -> tuple[Family, ...]:
        """What each family of detectors found."""
        return signal_sectors.found(self.scene, self.provisional)

    @cached_property
    def rows(self) -> pl.DataFrame:
        """Rows of `signals` of the sectors."""
        return frame(self.families, self.session, self.told)

    @cached_property
    def tested(self) -> frozenset[str]:
        """Kinds that could be judged."""
        return frozenset(kind for family in self.families if family.tested for kind in family.kinds)


def load_sectors(archive: Archive, session: date) -> SectorBoard:
    """Read a session. Raises NoData as `sector_scene.known` does."""
    told = archive.clock.now()
    return SectorBoard(sector_scene.known(archive, session), told)


def sectors(archive: Archive, session: date) -> tuple[str, ...]:
    """Codes of the sectors that had members on a session, by the map that was known then; NoData as `known`."""
    chosen, begun = sector_scene.map_on(archive, session)
    there = sector_map.members(begun.filter(pl.col("scheme") == chosen), session)
    return tuple(there["sector"].unique().sort().to_list())
