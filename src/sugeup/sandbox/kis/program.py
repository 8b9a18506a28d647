"""프로그램매매: programme orders by stock and by market, today and by day."""

from __future__ import annotations

from datetime import timedelta

from sugeup.sandbox.figures import Found
from sugeup.sandbox.kis.desk import NXT, Blocks, Desk, Fields, changes
from sugeup.sandbox.kis.envelope import MILLION, THOUSAND, Answer, Row, day, failed, minute, share, units, whole
from sugeup.sandbox.kis.investors import priced
from sugeup.sandbox.moment import State

SHOWN = 30
MARKET_DAYS = 30
KEPT = timedelta(days=245)
"""How far back days of a market are kept: about eight months."""
MARKETS = {"K": "KOSPI", "Q": "KOSDAQ"}
INVESTORS = (
    ("7100", "기 타"), ("6000", "연기금등"), ("5000", "기타금융"), ("2000", "보 험"),
    ("4000", "은 행"), ("3100", "사 모"), ("3000", "투 신"), ("1000", "금융투자"), ("8888", "기 관"),
    ("8000", "개 인"), ("9100", "외국인"),
)  # fmt: skip
_AFTER = 15 * 60 + 31
_LAST_SHOWN = 18 * 60 + 5


def _totals(row: Found, prefix: str = "whol_smtn") -> Row:
    return {
        f"{prefix}_seln_vol": whole(row["program_sell_volume"]),
        f"{prefix}_shnu_vol": whole(row["program_buy_volume"]),
        f"{prefix}_ntby_qty": whole(row["program_net_volume"]),
        f"{prefix}_seln_tr_pbmn": whole(row["program_sell_amount"]),
        f"{prefix}_shnu_tr_pbmn": whole(row["program_buy_amount"]),
        f"{prefix}_ntby_tr_pbmn": whole(row["program_net_amount"]),
    }


def running(desk: Desk, code: str) -> list[Found]:
    """Today's cumulative rows of a stock up to now, newest first, one more than are shown."""
    moment = desk.moment
    if moment.state not in {State.OPEN, State.AFTER}:
        return []
    return desk.figures.intraday("program_minute_stock", moment.day, code).until(moment.minute, SHOWN + 1)


def net_volume(desk: Desk, code: str) -> int:
    """What programme orders have bought net in the session that a snapshot shows; 0 before the open."""
    moment = desk.moment
    if moment.shown == moment.day and moment.state is not State.AFTER:
        rows = running(desk, code)[:1]
        return int(rows[0]["program_net_volume"]) if rows else 0
    row = desk.figures.stock("program_day_stock", code).at(moment.shown)
    return int(row["program_net_volume"]) if row else 0


def program_trade_by_stock(desk: Desk) -> Blocks:
    """The last 30 rows of today, newest first, cumulative since the open."""
    code = desk.code
    rows = running(desk, code) if code and desk.venue != NXT else []
    found = []
    bars = desk.minutes(code, desk.moment.day) if rows else None
    base = desk.figures.stock("daily_bars", code).at(desk.moment.day) if rows else None
    for at, row in enumerate(rows[:SHOWN]):
        assert bars is not None
        assert base is not None
        before = rows[at + 1] if at + 1 < len(rows) else dict.fromkeys(row, 0)
        place = bars.upto(row["minute"] - 1 if row["minute"] < _AFTER else row["minute"])
        price = bars.columns["raw_close"][place - 1] if place else base["base_price"]
        found.append(
            {
                "bsop_hour": minute(row["minute"]),
                "stck_prpr": whole(price),
                **changes(price, base["base_price"]),
                "acml_vol": whole(sum(bars.columns["volume"][:place])),
                **_totals(row),
                "whol_ntby_vol_icdc": whole(row["program_net_volume"] - before["program_net_volume"]),
                "whol_ntby_tr_pbmn_icdc": whole(row["program_net_amount"] - before["program_net_amount"]),
            }
        )
    return {"output": found}


def program_trade_by_stock_daily(desk: Desk) -> Blocks:
    """The 30 sessions up to a date, newest first; today's row grows during the session."""
    code, moment = desk.code, desk.moment
    if not code or desk.venue == NXT:
        return {"output": []}
    last = desk.dated("FID_INPUT_DATE_1") or moment.day
    bars = desk.bars(code, None, last, SHOWN + 1)
    if not bars:
        return {"output": []}
    end = None if moment.closed is None else min(bars[0]["session"], moment.closed)
    days = desk.figures.stock("program_day_stock", code).newest_first(bars[-1]["session"], end)
    flows = {} if end is None else {row["session"]: row for row in days}
    if moment.state is State.OPEN and bars[0]["session"] == moment.day:
        flows |= dict(zip([moment.day], running(desk, code), strict=False))
    nothing: Found = {}
    found = []
    for at, bar in enumerate(bars[:SHOWN]):
        row = flows.get(bar["session"], nothing)
        before = flows.get(bars[at + 1]["session"], nothing) if at + 1 < len(bars) else nothing
        if not row:
            row = _no_trades()
        found.append(
            {
                **priced(desk.blocks["output"], bar),
                **_totals(row),
                "whol_ntby_vol_icdc": whole(row["program_net_volume"] - before.get("program_net_volume", 0)),
                "whol_ntby_tr_pbmn_icdc2": whole(row["program_net_amount"] - before.get("program_net_amount", 0)),
            }
        )
    return {"output": found}


def _no_trades() -> Found:
    return {f"program_{side}_{measure}": 0 for side in ("buy", "sell", "net") for measure in ("volume", "amount")}


def comp_program_trade_today(desk: Desk) -> Blocks:
    """A market's last 30 minutes; after the close the closing figures under later times."""
    moment = desk.moment
    market = MARKETS[desk.given["FID_MRKT_CLS_CODE"]]
    if moment.state not in {State.OPEN, State.AFTER} or desk.venue == NXT:
        return {"output": []}
    rows = desk.figures.intraday("program_minute_market", moment.day, market)
    turnover = desk.figures.intraday("index_minute", moment.day, market)
    labels = list(range(min(moment.minute, _LAST_SHOWN), 0, -1))[:SHOWN]
    found = []
    for label in labels:
        place = rows.upto(label)
        if not place:
            break
        reached = turnover.upto(label - 1 if label < _AFTER else label)
        total = turnover.columns["amount"][reached - 1] if reached else 0
        found.append(desk.empty("output") | _minute_row(rows.row(place - 1), label, total))
    return {"output": found}


def _minute_row(row: Found, label: int, total: int) -> Row:
    found = {"bsop_hour": minute(label), "bstp_nmix_prpr": "", "bstp_nmix_prdy_vrss": "", "prdy_vrss_sign": ""}
    for kind, ours in (("arbt", "arbitrage"), ("nabt", "non_arbitrage")):
        for side, name, rate in (
            ("sell", "seln", "smtm_seln"),
            ("buy", "shnu", "smtm_shun"),
            ("net", "ntby", "smtm_ntby"),
        ):
            amount = row[f"{ours}_{side}_amount"]
            found[f"{kind}_smtn_{name}_tr_pbmn"] = units(amount, MILLION)
            found[f"{kind}_{rate}_tr_pbmn_rate"] = share(amount, total)
    found["whol_smtn_ntby_tr_pbmn"] = units(row["program_net_amount"], MILLION)
    found["whol_ntby_tr_pbmn_rate"] = share(row["program_net_amount"], total)
    return found


def comp_program_trade_daily(desk: Desk) -> Blocks | Answer:
    """A market's days up to a date, newest first: arbitrage and not, all of it through brokers (위탁)."""
    moment = desk.moment
    market = MARKETS[desk.given["FID_MRKT_CLS_CODE"]]
    last = desk.dated("FID_INPUT_DATE_1") or moment.day
    if last < moment.day - KEPT:
        return failed("OPSQ2001", "ERROR INVALID FID_INPUT_DATE_1", rt="2", status=200)
    if desk.venue == NXT:
        return {"output": []}
    closed = moment.closed
    end = None if closed is None else min(last, closed)
    rows = desk.figures.scope("program_day_market", market).newest_first(moment.day - KEPT, end, MARKET_DAYS)
    totals = desk.figures.scope("index_day", market)
    fields = desk.blocks["output"]
    return {
        "output": [
            desk.empty("output") | _day_row(fields, row, totals.at(row["session"]) or {"volume": 0, "amount": 0})
            for row in rows
        ]
    }


_KINDS = {"arbt": "arbitrage", "nabt": "non_arbitrage", "whol": "program"}
_SIDES = {"seln": "sell", "shnu": "buy", "shun": "buy", "ntby": "net"}


def _day_row(fields: Fields, row: Found, total: Found) -> Row:
    found: Row = {"stck_bsop_date": day(row["session"])}
    for field in fields:
        parts = field.split("_")
        kind = _KINDS.get(parts[0])
        if kind is None:
            if field != "stck_bsop_date":
                found[field] = ""
            continue
        side = next(_SIDES[part] for part in parts if part in _SIDES)
        measure = "amount" if "pbmn" in parts else "volume"
        value = 0 if "onsl" in parts else row[f"{kind}_{side}_{measure}"]
        if parts[-1] == "rate":
            found[field] = share(value, total[measure])
        else:
            found[field] = units(value, MILLION if measure == "amount" else THOUSAND)
    return found


def investor_program_trade_today(desk: Desk) -> Blocks:
    """Programme orders by group: the simulated market does not tell them apart, so every figure is 0."""
    return {
        "output1": [desk.empty("output1") | {"invr_cls_code": code, "invr_cls_name": name} for code, name in INVESTORS]
    }
