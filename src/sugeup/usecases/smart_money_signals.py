"""신호 기록: the signals of an answer as rows of `signals`, to be held against what happened afterwards."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from sugeup import records
from sugeup.market import publication
from sugeup.usecases.smart_money_models import SmartMoney

VERSION = "1"
"""Version of the detectors: raise it when a definition or a threshold of them changes."""
SOURCE = "sugeup"
HORIZON = 5
METRICS = {
    "LARGE_TRADE_CLUSTER": "smt.block_threshold",
    "INSTITUTION_SAME_SIDE": "tk.robust_z",
    "FOREIGN_SURGE": "tk.robust_z",
}


def signals_of(answer: SmartMoney) -> pl.DataFrame:
    """The listed signals as rows of the dataset `signals`, one per stock; an empty frame when there are none.

    Ask with a `count` that lists all of `total_signals_found`. `known_at` is the moment of the answer, or the moment at
    which the final figures of the session were public, if that was earlier: then anyone could have known the signal.
    The same question about the same session gives the same `signal_id`, so that storing it again replaces the row.
    """
    declared = records.dataset("signals")
    if not answer.smart_money_signals:
        return declared.empty()
    told = datetime.fromisoformat(answer.generated_at)
    public = publication.known_at("investor_day_stock", answer.window_end)
    rows = []
    for one in answer.smart_money_signals:
        kind, evidence = one.signal_type, one.evidence
        on_shares = answer.basis == "VOLUME" and kind != "LARGE_TRADE_CLUSTER"
        rows.append(
            {
                "code": one.stock_code,
                "session": answer.window_end,
                "signal_id": f"{answer.window_end:%Y%m%d}-{kind}-{VERSION}-{answer.market}-{one.stock_code}",
                "kind": kind,
                "direction": one.direction,
                "detector": answer.detection_method,
                "family": answer.market,
                "horizon": HORIZON,
                "strength": one.strength,
                "statistic": evidence.net_to_turnover / 100,
                "z": evidence.z,
                "p": evidence.p,
                "p_adj": evidence.p_adj,
                "n_tested": answer.stocks_tested,
                "confidence": one.confidence,
                "basis": "VOLUME" if on_shares else "AMOUNT",
                "metric": METRICS[kind],
                "metric_version": VERSION,
                "source": SOURCE,
                "venue": answer.venue,
                "products": "STOCK",
                "hours": "REGULAR",
                "known_at": told if answer.provisional else min(told, public),
                "ingested_at": told,
                "final": not answer.provisional,
            }
        )
    return declared.conform(pl.DataFrame(rows, infer_schema_length=None))
