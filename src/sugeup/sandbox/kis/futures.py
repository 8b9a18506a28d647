"""선물옵션: the nearest KOSPI200 future now and by minute. Other contracts are not simulated: zeros, no rows."""

from __future__ import annotations

from datetime import date

import polars as pl

from sugeup.sandbox.figures import Found
from sugeup.sandbox.kis.desk import Blocks, Desk
from sugeup.sandbox.kis.envelope import THOUSAND, Row, day, hundredths, minute, share, sign, units, whole
from sugeup.sandbox.kis.index import Level, index_name, level
from sugeup.sandbox.moment import State

MINUTES_SHOWN = 102
LIMIT = 0.08
"""First step of the price limit of index futures."""


def nearest(desk: Desk, session: date) -> pl.DataFrame:
    """Minutes of the nearest future on a session, with `minute` since midnight."""

    def read() -> pl.DataFrame:
        frame = desk.figures.market.rows("futures_minute", session, session)
        local = pl.col("at").dt.convert_time_zone("Asia/Seoul")
        return frame.with_columns(minute=local.dt.hour().cast(pl.Int32) * 60 + local.dt.minute())

    found: pl.DataFrame = desk.figures.once(f"future {session}", read)
    return found


def contract(desk: Desk, session: date) -> str:
    """Code of the nearest future on a session."""
    return str(nearest(desk, session)["contract"][0])


def futures_name(expiry: date) -> str:
    """Name of a future by its month: F 202509."""
    return f"F {expiry:%Y%m}"


def _state(desk: Desk) -> tuple[Row, Found] | None:
    """The future's fields now and its last row; None when another contract was asked for."""
    session = desk.moment.shown
    if session is None or desk.given["FID_INPUT_ISCD"] != contract(desk, session):
        return None
    rows = nearest(desk, session)
    before = [one for one in desk.figures.sessions if one < session]
    earlier = nearest(desk, before[-1]) if before else rows.head(1)
    same = earlier["contract"][0] == rows["contract"][0]
    previous = float(earlier["close"][-1]) if same else float(rows["open"][0])
    running = session == desk.moment.day and desk.moment.state is not State.AFTER
    seen = rows.filter(pl.col("minute") <= desk.ended(session)) if running else rows
    if running and desk.moment.state is not State.OPEN:
        seen = rows.clear()
    head = rows.row(0, named=True)
    if seen.height:
        last = seen.row(seen.height - 1, named=True)
        price = {"open": seen["open"][0], "high": seen["high"].max(), "low": seen["low"].min()}
        volume = int(seen["volume"].sum())
    else:
        last = head | {"close": previous, "amount": 0, "spot": head["spot"], "open_interest": head["open_interest"]}
        price, volume = {"open": 0.0, "high": 0.0, "low": 0.0}, 0
    change = round(last["close"] - previous, 2)
    basis = round(last["theoretical"] - last["spot"], 2)
    row = {
        "hts_kor_isnm": futures_name(last["expiry"]),
        "futs_prpr": hundredths(last["close"]),
        "futs_prdy_vrss": hundredths(change),
        "prdy_vrss_sign": sign(change),
        "futs_prdy_clpr": hundredths(previous),
        "futs_prdy_ctrt": share(change, previous),
        "acml_vol": whole(volume),
        "acml_tr_pbmn": units(last["amount"], THOUSAND),
        "hts_otst_stpl_qty": whole(last["open_interest"]),
        "otst_stpl_qty_icdc": whole(last["open_interest"] - (int(earlier["open_interest"][-1]) if same else 0)),
        "futs_oprc": hundredths(price["open"]),
        "futs_hgpr": hundredths(price["high"]),
        "futs_lwpr": hundredths(price["low"]),
        "futs_mxpr": hundredths(previous * (1 + LIMIT)),
        "futs_llam": hundredths(previous * (1 - LIMIT)),
        "basis": hundredths(basis),
        "hts_thpr": hundredths(last["theoretical"]),
        "dprt": share(last["close"] - last["theoretical"], last["theoretical"]),
    }
    return row, last | {
        "previous": previous,
        "earlier": earlier if same else rows.head(1),
        "change": change,
        "session": session,
    }


def futures_inquire_price(desk: Desk) -> Blocks:
    """The future, the KOSPI and the KOSPI200 now."""
    output1 = desk.empty("output1")
    found = _state(desk) if desk.given["FID_COND_MRKT_DIV_CODE"] == "F" else None
    if found is not None:
        row, last = found
        output1 |= row | {
            "futs_sdpr": hundredths(last["previous"]),
            "crbr_aply_mxpr": "0.00",
            "crbr_aply_llam": "0.00",
            "futs_last_tr_date": day(last["expiry"]),
            "hts_rmnn_dynu": whole((last["expiry"] - last["session"]).days + 1),
            "futs_lstn_medm_hgpr": "0.00",
            "futs_lstn_medm_lwpr": "0.00",
            "delta_val": "1.0000",
            "mrkt_basis": hundredths(round(last["close"] - last["spot"], 2)),
        }
    return {
        "output1": output1,
        "output2": _index(desk, "output2", "0001"),
        "output3": _index(desk, "output3", "2001"),
    }


def _index(desk: Desk, block: str, code: str) -> Row:
    now: Level | None = level(desk, code)
    row = desk.empty(block) | {"bstp_cls_code": code, "hts_kor_isnm": index_name(code)}
    if now is None:
        return row
    return row | {
        "bstp_nmix_prpr": hundredths(now.close),
        "prdy_vrss_sign": sign(now.change),
        "bstp_nmix_prdy_vrss": hundredths(now.change),
        "bstp_nmix_prdy_ctrt": share(now.change, now.previous),
    }


def display_board_top(desk: Desk) -> Blocks:
    """The underlying index beside the future."""
    output1 = desk.empty("output1")
    found, now = _state(desk), level(desk, "2001")
    if found is not None:
        kept = ("hts_kor_isnm", "futs_prpr", "futs_prdy_vrss", "prdy_vrss_sign", "futs_prdy_ctrt")
        output1 |= {name: found[0][name] for name in kept}
    if now is not None:
        output1 |= {
            "unas_prpr": hundredths(now.close),
            "unas_prdy_vrss": hundredths(now.change),
            "unas_prdy_vrss_sign": sign(now.change),
            "unas_prdy_ctrt": share(now.change, now.previous),
            "unas_acml_vol": whole(now.volume),
        }
    return {"output1": output1, "output2": []}


def inquire_time_fuopchartprice(desk: Desk) -> Blocks:
    """102 bars of the future back from a date and time; FID_HOUR_CLS_CODE is the length of a bar in seconds, 60 up."""
    output1, moment = desk.empty("output1"), desk.moment
    asked = desk.dated("FID_INPUT_DATE_1") or moment.day
    newest = moment.day if moment.state in {State.OPEN, State.AFTER} else moment.closed
    state = _state(desk)
    if state is not None:
        row, last = state
        earlier = last["earlier"]
        output1 |= {name: value for name, value in row.items() if name in output1}
        output1 |= {
            "prdy_nmix": hundredths(last["previous"]),
            "futs_shrn_iscd": str(last["contract"]),
            "prdy_vol": whole(int(earlier["volume"].sum())),
            "futs_prdy_oprc": hundredths(earlier["open"][0]),
            "futs_prdy_hgpr": hundredths(earlier["high"].max()),
            "futs_prdy_lwpr": hundredths(earlier["low"].min()),
            "futs_askp": hundredths(last["close"] + 0.05),
            "futs_bidp": hundredths(last["close"]),
            "kospi200_nmix": hundredths(last["spot"]),
        }
    length = max(int(desk.given["FID_HOUR_CLS_CODE"] or "60") // 60, 1)
    hour = desk.given["FID_INPUT_HOUR_1"].strip()
    upto = int(hour[:2]) * 60 + int(hour[2:4]) if hour else 24 * 60
    found: list[Row] = []
    for session in reversed([one for one in desk.figures.sessions if newest is not None and one <= min(asked, newest)]):
        if session != asked and desk.given["FID_PW_DATA_INCU_YN"] != "Y":
            break
        rows = nearest(desk, session)
        if rows["contract"][0] != desk.given["FID_INPUT_ISCD"]:
            break
        limit = min(upto if session == asked else 24 * 60, desk.ended(session))
        found += _bars(rows.filter(pl.col("minute") <= limit), session, length)
        if len(found) >= MINUTES_SHOWN:
            break
    return {"output1": output1, "output2": found[:MINUTES_SHOWN]}


def _bars(rows: pl.DataFrame, session: date, length: int) -> list[Row]:
    grouped = (
        rows.group_by((pl.col("minute") // length * length).alias("label"), maintain_order=True)
        .agg(
            pl.col("open").first(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("close", "amount").last(),
            pl.col("volume").sum(),
        )
        .sort("label", descending=True)
    )
    return [
        {
            "stck_bsop_date": day(session),
            "stck_cntg_hour": minute(row["label"]),
            "futs_prpr": hundredths(row["close"]),
            "futs_oprc": hundredths(row["open"]),
            "futs_hgpr": hundredths(row["high"]),
            "futs_lwpr": hundredths(row["low"]),
            "cntg_vol": whole(row["volume"]),
            "acml_tr_pbmn": units(row["amount"], THOUSAND),
        }
        for row in grouped.iter_rows(named=True)
    ]
