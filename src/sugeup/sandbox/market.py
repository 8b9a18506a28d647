"""모의시장: every daily dataset of a simulated market, and views of single days for what is drawn within the day.

Figures are decided once per plan, in stages that are made when first asked for: stocks, prices, trades, what follows
them. Frames are built only for the sessions and scopes of a question. The truth is final: no provisional figures, no
rounding to a vendor's units; whoever serves it as a vendor does that.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from sugeup import records
from sugeup.errors import NoData, Refused
from sugeup.market import investors
from sugeup.sandbox import events
from sugeup.sandbox.draws import generator
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.stages import Stages
from sugeup.sandbox.tables import MAKERS
from sugeup.sandbox.universe import Whole
from sugeup.sandbox.views import LEAVES, FutureDay, IndexDay, StockDay

INTRADAY = (
    "minute_bars",
    "ticks",
    "stock_estimate",
    "investor_minute_market",
    "program_minute_stock",
    "program_minute_market",
    "index_minute",
    "futures_minute",
    "broker_members",
)
NXT_OPENED = date(2025, 3, 4)
NXT_MOST = 0.34
"""Share of NXT in the consolidated turnover of the stocks that it trades, once it is settled in."""


class SimulatedMarket(Stages):
    """A plan carried out. Equal plans give equal rows, whatever was asked before.

    Raises Refused for a dataset it does not have and for first > last; sessions outside the plan have no rows.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self._kept: dict[str, pl.DataFrame] = {}

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code ever listed in the plan, in order."""
        return self.stocks.codes

    @cached_property
    def labels(self) -> pl.DataFrame:
        """Planted events and decoys: the truth that detectors are held against; no vendor serves it.

        Columns of `events.LABELS`; sessions are those of the first and the last day, both included.
        """
        foreign = [LEAVES.index(leaf) for leaf in investors.members("foreign")]
        net = (self.trades.buy_volume[:, :, foreign] - self.trades.sell_volume[:, :, foreign]).sum(axis=2)
        return events.own_noise(self.planted, self.sessions, self.codes, net, self.plan.events)

    def rows(self, dataset: str, first: date, last: date, scopes: Sequence[str] | None = None) -> pl.DataFrame:
        """Truth of one dataset between two dates, both included: key and measures, sorted by key, no provenance.

        `scopes` keeps rows of those codes, markets or indices only. Reference datasets are dated by the day from which
        a row holds. Intraday datasets are made one session at a time (first == last).
        """
        if first > last:
            raise Refused(f"first {first} is later than last {last}", hint="Swap the two dates.")
        if dataset in INTRADAY:
            return self._intraday(dataset, first, last, scopes)
        if dataset not in MAKERS:
            raise Refused(f"no simulated dataset {dataset!r}; allowed: {', '.join((*MAKERS, *INTRADAY))}")
        rows = slice(bisect_left(self.sessions, first), bisect_right(self.sessions, last))
        record = records.dataset(dataset)
        found = MAKERS[dataset](self, rows, scopes) if record.dated == "session" else self._reference(dataset)
        names = [column.name for column in record.columns]
        if "products" in record.key:
            names.append("products")
        found = found.select(
            (pl.col(name) if name in found.columns else pl.lit(None)).cast(record.frame_schema[name]).alias(name)
            for name in names
        )
        if record.dated != "session":
            found = found.filter(pl.col(record.dated).is_between(first, last))
        if scopes is not None and record.scope in names:
            found = found.filter(pl.col(record.scope).is_in(list(scopes)))
        return found.sort(record.key)

    def stock_day(self, code: str, session: date) -> StockDay:
        """One stock on one session; Refused (UNKNOWN_STOCK) or NoData when it was not listed then."""
        row, at = self._row(session), self._place(code)
        if not self.life.listed[row, at]:
            raise NoData(f"{code} was not listed on {session}", code="OUT_OF_HISTORY")
        halted = bool(self.life.halted[row, at])
        priced, trades, followed = self.priced, self.trades, self.followed
        open_, high, low = (None if halted else int(one[row, at]) for one in (priced.open, priced.high, priced.low))
        return StockDay(
            code=code,
            session=session,
            market=self.stocks.market_name(at),
            cap=int(self.life.shares[row, at] * priced.close[row, at]),
            size=float(self.stocks.size[at]),
            raw_open=open_,
            raw_high=high,
            raw_low=low,
            raw_close=int(priced.close[row, at]),
            base_price=int(priced.base[row, at]),
            volume=int(priced.volume[row, at]),
            amount=int(priced.amount[row, at]),
            buy_volume=trades.buy_volume[row, at].copy(),
            sell_volume=trades.sell_volume[row, at].copy(),
            buy_amount=trades.buy_amount[row, at].copy(),
            sell_amount=trades.sell_amount[row, at].copy(),
            program_buy_volume=int(followed.program_buy_volume[row, at]),
            program_sell_volume=int(followed.program_sell_volume[row, at]),
            program_buy_amount=int(followed.program_buy_amount[row, at]),
            program_sell_amount=int(followed.program_sell_amount[row, at]),
            sigma=float(self.states.spread[row, at]),
            halted=halted,
        )

    def listed_codes(self, session: date) -> tuple[str, ...]:
        """Codes listed on one session, halted ones included, in order."""
        return tuple(np.array(self.codes)[self.life.listed[self._row(session)]].tolist())

    def index_day_view(self, index_code: str, session: date) -> IndexDay:
        """One index on one session; Refused when there is no such index."""
        if index_code not in self.levels.codes:
            raise Refused(f"no simulated index {index_code!r}; allowed: {', '.join(self.levels.codes)}")
        return self.levels.day(index_code, self._row(session))

    def future(self, session: date) -> FutureDay:
        """The nearest KOSPI200 future on one session."""
        return self.levels.futures[self._row(session)]

    def nxt_share(self, session: date) -> float:
        """Share of NXT in the consolidated volume of the stocks it trades; 0 before it opened, growing for a year.

        Rows are those of KRX and never include it.
        """
        row = self._row(session)
        if session < NXT_OPENED:
            return 0.0
        grown = 1 - 0.85 * float(np.exp(-(session - NXT_OPENED).days / 60))
        return NXT_MOST * grown * float(np.exp(0.06 * generator(self.plan.seed, "nxt-market", row).standard_normal()))

    def nxt_volume(self, session: date) -> Whole:
        """Shares traded on NXT by stock, in the order of `codes`, beside those of KRX; 0 where it does not trade."""
        row = self._row(session)
        share = self.nxt_share(session)
        noise = generator(self.plan.seed, "nxt", row).standard_normal(self.plan.stocks)
        part = np.minimum(share * np.exp(0.3 * noise), 0.7)
        return np.where(self.stocks.nxt, np.floor(self.priced.volume[row] * part / (1 - part)), 0).astype(np.int64)

    def write_truth(self, folder: Path, datasets: Sequence[str] | None = None) -> list[Path]:
        """Writes the daily datasets (all, or those named) and the labels as Parquet files; gives their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for name in datasets or tuple(MAKERS):
            path = folder / f"{name}.parquet"
            self.rows(name, self.sessions[0], self.sessions[-1]).write_parquet(path, compression="zstd")
            written.append(path)
        path = folder / "labels.parquet"
        self.labels.write_parquet(path, compression="zstd")
        return [*written, path]

    def _reference(self, dataset: str) -> pl.DataFrame:
        """All rows of a reference dataset, made once."""
        if dataset not in self._kept:
            self._kept[dataset] = MAKERS[dataset](self, slice(None), None)
        return self._kept[dataset]

    def _intraday(self, dataset: str, first: date, last: date, scopes: Sequence[str] | None) -> pl.DataFrame:
        if first != last:
            raise Refused(f"{dataset} from {first} to {last}", hint="Ask for one session at a time.")
        from sugeup.sandbox import intraday

        self._row(first)
        return intraday.rows(self, dataset, first, scopes)

    def _row(self, session: date) -> int:
        at = bisect_left(self.sessions, session)
        if at == len(self.sessions) or self.sessions[at] != session:
            raise NoData(
                f"{session} is no session of this plan ({self.sessions[0]} to {self.sessions[-1]})",
                code="OUT_OF_HISTORY",
            )
        return at

    def _place(self, code: str) -> int:
        at = bisect_left(self.codes, code)
        if at == len(self.codes) or self.codes[at] != code:
            raise Refused(f"no simulated stock {code!r}", code="UNKNOWN_STOCK", hint="Codes are in `codes`.")
        return at
