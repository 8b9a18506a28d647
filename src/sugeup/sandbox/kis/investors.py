"""종목별 투자자: who bought and sold one stock by day, and the staff's tallies of today."""

from __future__ import annotations

from datetime import date

from sugeup.sandbox.figures import Found
from sugeup.sandbox.kis.desk import NXT, Blocks, Desk, Fields, changes
from sugeup.sandbox.kis.envelope import Answer, Row, day, failed, padded, whole
from sugeup.sandbox.kis.fields import blank, flows
from sugeup.sandbox.moment import State
from sugeup.sandbox.revisions import provisional

SHOWN = 30


def days_of(desk: Desk, code: str, last: date | None, block: str) -> list[Row]:
    """Investors of a stock on the 30 sessions up to one, newest first; the newest is provisional while it is."""
    newest = desk.moment.investors
    end = newest if last is None or newest is None else min(last, newest)
    frame = desk.figures.stock("investor_day_stock", code).slice(None, end, SHOWN)
    if not frame.height:
        return []
    fields = desk.blocks[block]
    rows = list(flows(fields, frame))
    sessions = frame["session"].to_list()
    if not desk.moment.settled(sessions[-1]):
        seed, place = desk.figures.market.plan.seed, desk.figures.place(code)
        changed = provisional(frame[-1:], seed, sessions[-1], place, desk.revisions)
        rows[-1:] = flows(fields, changed)
    bars = desk.figures.stock("daily_bars", code).newest_first(sessions[0], sessions[-1])
    prices = {bar["session"]: priced(fields, bar) for bar in bars}
    return [{**prices[session], **row} for session, row in zip(sessions, rows, strict=True)][::-1]


def inquire_investor(desk: Desk) -> Blocks:
    """Three groups on the last 30 sessions; today's row is empty until it is filled in."""
    code, fields = desk.code, desk.blocks["output"]
    if not code or desk.venue == NXT:
        return {"output": []}
    found: list[Row] = []
    moment = desk.moment
    if moment.early and desk.figures.stock("daily_bars", code).at(moment.day):
        quote = desk.quote(code)
        price = quote.price if quote else 0
        found.append(
            blank(fields, "")
            | {"stck_bsop_date": day(moment.day), "stck_clpr": whole(price), "prdy_vrss": "0", "prdy_vrss_sign": "0"}
        )
    found += days_of(desk, code, None, "output")
    return {"output": found[:SHOWN]}


def investor_trade_by_stock_daily(desk: Desk) -> Blocks | Answer:
    """All groups on the 30 sessions up to a date; today is refused until it is there."""
    moment = desk.moment
    anchor = desk.dated("FID_INPUT_DATE_1") or moment.day
    if anchor >= moment.day and moment.early:
        return failed("OPSQ2001", "TIME LIMIT 00:00 ~ 15:40", rt="2", status=200)
    code, output1 = desk.code, desk.empty("output1")
    quote = desk.quote(code) if code else None
    if code and quote is not None:
        output1 |= {
            "stck_prpr": whole(quote.price),
            **changes(quote.price, quote.base, quote.limit),
            "acml_vol": whole(quote.volume),
            "prdy_vol": whole(quote.previous_volume),
            "rprs_mrkt_kor_name": desk.segment(code),
        }
    if not code or desk.venue == NXT:
        return {"output1": output1, "output2": []}
    return {"output1": output1, "output2": days_of(desk, code, anchor, "output2")}


def priced(fields: Fields, bar: Found) -> Row:
    """Fields of the day's price that stand beside flows: those of them that a block has."""
    known = {
        "stck_bsop_date": day(bar["session"]),
        "stck_clpr": whole(bar["raw_close"]),
        **changes(bar["raw_close"], bar["base_price"]),
        "acml_vol": whole(bar["volume"]),
        "acml_tr_pbmn": whole(bar["amount"]),
        "stck_oprc": whole(bar["raw_open"] or 0),
        "stck_hgpr": whole(bar["raw_high"] or 0),
        "stck_lwpr": whole(bar["raw_low"] or 0),
        "bold_yn": "N",
    }
    return {name: value for name, value in known.items() if name in fields}


def investor_trend_estimate(desk: Desk) -> Blocks:
    """Tallies of today, newest first; none before the first. What is not told in a slot stands as it was, or 0."""
    moment = desk.moment
    if not desk.code or not moment.slot or moment.state is State.CLOSED_DAY:
        return {"output2": []}
    rows = tallies(desk, desk.code)
    return {
        "output2": [
            {
                "bsop_hour_gb": str(slot),
                "frgn_fake_ntby_qty": padded(foreign),
                "orgn_fake_ntby_qty": padded(institution),
                "sum_fake_ntby_qty": padded(foreign + institution),
            }
            for slot, foreign, institution in reversed(rows)
        ]
    }


def tallies(desk: Desk, code: str) -> list[tuple[int, int, int]]:
    """Slot, foreigners and institutions of a stock today, up to now, oldest first."""
    found: list[tuple[int, int, int]] = []
    foreign = institution = 0
    for row in desk.figures.intraday("stock_estimate", desk.moment.day, code).plain:
        if row["slot"] > desk.moment.slot:
            break
        foreign = foreign if row["foreign_net_volume"] is None else row["foreign_net_volume"]
        institution = institution if row["institution_net_volume"] is None else row["institution_net_volume"]
        found.append((row["slot"], foreign, institution))
    return found


def inquire_member(desk: Desk) -> Blocks:
    """거래원: five brokers on each side, once the day's figures are there; empty until then."""
    row = desk.empty("output")
    for side in ("seln", "shnu"):
        for rank in range(1, 6):
            row |= {f"{side}_mbcr_no{rank}": "", f"{side}_mbcr_name{rank}": "", f"total_{side}_qty{rank}": "0"}
            row |= {f"{side}_mbcr_rlim{rank}": "0.00", f"{side}_qty_icdc{rank}": "0"}
            row[f"{side}_mbcr_glob_yn_{rank}"] = "N"
    session = desk.moment.shown
    if not desk.code or session is None or desk.venue == NXT:
        return {"output": row}
    abroad = {"seln": 0, "shnu": 0}
    total = 0
    for one in _members(desk, desk.code, session):
        side, rank = ("shnu" if one["side"] == "BUY" else "seln"), one["rank"]
        row |= {
            f"{side}_mbcr_no{rank}": str(one["member_code"]).zfill(5),
            f"{side}_mbcr_name{rank}": str(one["member_name"]),
            f"total_{side}_qty{rank}": whole(one["volume"]),
            f"{side}_mbcr_rlim{rank}": f"{one['share_pct']:.2f}",
            f"{side}_mbcr_glob_yn_{rank}": "Y" if one["foreign_house"] else "N",
        }
        abroad[side] += one["volume"] if one["foreign_house"] else 0
        total = max(total, round(100 * one["volume"] / one["share_pct"]) if one["share_pct"] else 0)
    row |= {
        "glob_total_seln_qty": whole(abroad["seln"]),
        "glob_total_shnu_qty": whole(abroad["shnu"]),
        "glob_ntby_qty": whole(abroad["shnu"] - abroad["seln"]),
        "glob_seln_rlim": f"{100 * abroad['seln'] / total if total else 0:.2f}",
        "glob_shnu_rlim": f"{100 * abroad['shnu'] / total if total else 0:.2f}",
    }
    return {"output": row}


def _members(desk: Desk, code: str, session: date) -> list[Found]:
    rows = desk.figures.intraday("broker_members", session, code).plain
    return [row for row in rows if row["at"] <= desk.moment.now]
