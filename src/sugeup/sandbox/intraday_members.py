"""거래원: the five brokers through whom most of a stock was bought and sold. Their names are invented.

Brokers are not investors: foreign houses get more of the trading where foreigners trade more, but not all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from sugeup.market import investors
from sugeup.sandbox.intraday_clock import grid
from sugeup.sandbox.intraday_draws import normals
from sugeup.sandbox.views import LEAVES, StockDay

_HOUSES = tuple("가나다라마바사아자차카타")
_FOREIGN_HOUSES = tuple("ABCDEFGH")
NAMES: tuple[str, ...] = (*(f"모의증권{one}" for one in _HOUSES), *(f"모의외국계{one}" for one in _FOREIGN_HOUSES))
"""Simulated houses, first the domestic ones."""
CODES: tuple[str, ...] = tuple(f"S{number:02d}" for number in range(1, len(NAMES) + 1))
SHOWN = 5
_FOREIGN = np.arange(len(NAMES)) >= len(_HOUSES)
_SPREAD = 0.8


def members(seed: int, session: date, stocks: Sequence[StockDay]) -> pl.DataFrame:
    """Rows of `broker_members` after the close: five buyers and five sellers a stock, fewer where little traded."""
    traded = [stock for stock in stocks if not stock.halted and stock.volume > 0]
    drawn = normals(seed, "members", session, [stock.code for stock in traded], 3, len(NAMES))
    abroad = [LEAVES.index(leaf) for leaf in investors.members("foreign")]
    rows: dict[str, list[object]] = {name: [] for name in ("code", "side", "rank", "member", "volume", "of")}
    for place, stock in enumerate(traded):
        for number, side, leaves in ((0, "BUY", stock.buy_volume), (1, "SELL", stock.sell_volume)):
            weights = np.exp(_SPREAD * (0.8 * drawn[place, 2] + 0.6 * drawn[place, number]))
            through = int(leaves[abroad].sum()) / stock.volume
            weights[_FOREIGN] *= 0.8 * through / weights[_FOREIGN].sum()
            weights[~_FOREIGN] *= (1.0 - 0.8 * through) / weights[~_FOREIGN].sum()
            volumes = np.floor(weights * stock.volume).astype(np.int64)
            order = np.argsort(-volumes, kind="stable")[:SHOWN]
            order = order[volumes[order] > 0]
            rows["code"] += [stock.code] * len(order)
            rows["side"] += [side] * len(order)
            rows["rank"] += range(1, len(order) + 1)
            rows["member"] += order.tolist()
            rows["volume"] += volumes[order].tolist()
            rows["of"] += [stock.volume] * len(order)
    member = pl.Series(rows["member"], dtype=pl.Int64)
    found = pl.DataFrame(
        {
            "code": pl.Series(rows["code"], dtype=pl.String),
            "session": pl.repeat(session, len(member), eager=True, dtype=pl.Date),
            "at": grid(session).at(np.repeat(grid(session).snapshots[-1:], len(member))),
            "side": pl.Series(rows["side"], dtype=pl.String),
            "rank": pl.Series(rows["rank"], dtype=pl.Int64),
            "member_code": pl.Series(CODES, dtype=pl.String).gather(member),
            "member_name": pl.Series(NAMES, dtype=pl.String).gather(member),
            "volume": pl.Series(rows["volume"], dtype=pl.Int64),
            "of": pl.Series(rows["of"], dtype=pl.Int64),
            "foreign_house": pl.Series(_FOREIGN).gather(member),
        }
    )
    share = (pl.col("volume") / pl.col("of") * 100).round(2).alias("share_pct")
    return found.with_columns(share).drop("of")
