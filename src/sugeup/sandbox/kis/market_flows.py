"""시장별 투자자: who bought and sold in a market or a sector, since the open and by day; the staff's tallies ranked."""

from __future__ import annotations

from sugeup.sandbox.figures import Found
from sugeup.sandbox.kis.desk import INDICES, Blocks, Desk, changes
from sugeup.sandbox.kis.envelope import MILLION, Row, day, hundredths, share, sign, units, whole
from sugeup.sandbox.kis.fields import blank, flows
from sugeup.sandbox.moment import State

DAYS_SHOWN = 300
RANKED = 30
PARENTS = {"KSP": "0", "KSQ": "1"}
"""First digit of the index codes of each market."""


def market_of(code: str) -> str:
    """Our scope of a vendor's index code."""
    return INDICES.get(code, code)


def inquire_investor_time_by_market(desk: Desk) -> Blocks:
    """Everyone in one market or sector since the open; zeros for a pair that does not go together."""
    fields = desk.blocks["output"]
    parent, code = desk.given["FID_INPUT_ISCD"], desk.given["FID_INPUT_ISCD_2"]
    row = blank(fields, "0")
    session, moment = desk.moment.shown, desk.moment
    if PARENTS.get(parent) != code[:1] or session is None:
        return {"output": [row]}
    market = market_of(code)
    if session != moment.day or moment.state is State.AFTER:
        frame = desk.figures.scope("investor_day_market", market).slice(session, session)
        row |= next(flows(fields, frame), {})
    elif moment.state is State.OPEN:
        seen = desk.figures.intraday("investor_minute_market", session, market)
        upto = seen.upto(moment.minute)
        row |= next(flows(fields, seen.frame[max(upto - 1, 0) : upto]), {})
    return {"output": [row]}


def inquire_investor_daily_by_market(desk: Desk) -> Blocks:
    """Net purchases in one market or sector on the 300 sessions up to a date, beside the index."""
    given, fields = desk.given, desk.blocks["output"]
    parent = given["FID_INPUT_ISCD_1"]
    if PARENTS.get(parent) != given["FID_INPUT_ISCD_2"][:1]:
        return {"output": []}
    newest = desk.moment.investors
    anchor = desk.dated("FID_INPUT_DATE_1") or desk.moment.day
    end = None if newest is None else min(anchor, newest)
    frame = desk.figures.scope("investor_day_market", market_of(given["FID_INPUT_ISCD_2"])).slice(None, end, DAYS_SHOWN)
    frame = frame.reverse()
    if not frame.height:
        return {"output": []}
    levels = desk.figures.scope("index_day", market_of(given["FID_INPUT_ISCD"]))
    return {
        "output": [
            {**_level(levels.at(session), levels.before(session)), **row}
            for session, row in zip(frame["session"].to_list(), flows(fields, frame), strict=True)
        ]
    }


def _level(row: Found | None, before: Found | None) -> Row:
    names = ("bstp_nmix_prpr", "bstp_nmix_prdy_vrss", "prdy_vrss_sign", "bstp_nmix_prdy_ctrt", "bstp_nmix_oprc",
             "bstp_nmix_hgpr", "bstp_nmix_lwpr", "stck_prdy_clpr")  # fmt: skip
    if row is None:
        return dict.fromkeys(("stck_bsop_date", *names), "")
    previous = before["close"] if before else row["open"]
    change = row["close"] - previous
    shown = (
        hundredths(row["close"]),
        hundredths(change),
        sign(round(change, 2)),
        share(change, previous),
        hundredths(row["open"]),
        hundredths(row["high"]),
        hundredths(row["low"]),
        hundredths(previous),
    )
    return {"stck_bsop_date": day(row["session"]), **dict(zip(names, shown, strict=True))}


def foreign_institution_total(desk: Desk) -> Blocks:
    """The staff's tallies of today ranked: 30 stocks most bought or sold, worth the present price."""
    moment, given = desk.moment, desk.given
    if not moment.slot:
        return {"output": []}
    rows = desk.figures.once(f"ranked tallies {moment.day} {moment.slot}", lambda: _tallied(desk))
    division, whose = given["FID_DIV_CLS_CODE"], given["FID_ETC_CLS_CODE"]
    market = {"0001": "KOSPI", "1001": "KOSDAQ"}.get(given["FID_INPUT_ISCD"])

    def net(row: tuple[str, str, int, int, int]) -> int:
        _, _, foreign, institution, price = row
        shares = {"0": foreign + institution, "1": foreign, "2": institution}.get(whose, 0)
        return shares * (price if division == "1" else 1)

    chosen = [row for row in rows if market is None or row[1] == market]
    chosen.sort(key=net, reverse=given["FID_RANK_SORT_CLS_CODE"] == "0")
    found = []
    for code, _, foreign, institution, _ in chosen[:RANKED]:
        quote = desk.quote(code)
        if quote is None:
            continue
        shares = {"0": foreign + institution, "1": foreign, "2": institution}.get(whose, 0)
        found.append(
            desk.empty("output")
            | {
                "hts_kor_isnm": desk.name(code),
                "mksc_shrn_iscd": code,
                "ntby_qty": whole(shares),
                "stck_prpr": whole(quote.price),
                **changes(quote.price, quote.base, quote.limit),
                "acml_vol": whole(quote.volume),
                "frgn_ntby_qty": whole(foreign),
                "orgn_ntby_qty": whole(institution),
                "frgn_ntby_tr_pbmn": units(foreign * quote.price, MILLION),
                "orgn_ntby_tr_pbmn": units(institution * quote.price, MILLION),
            }
        )
    return {"output": found}


def _tallied(desk: Desk) -> list[tuple[str, str, int, int, int]]:
    """Code, market, foreigners, institutions and base price of every stock with a tally today."""
    day_, slot = desk.moment.day, desk.moment.slot
    rows = desk.figures.once(
        f"estimates {day_}", lambda: desk.figures.market.rows("stock_estimate", day_, day_).to_dicts()
    )
    latest: dict[str, tuple[int, int]] = {}
    for row in rows:
        if row["slot"] <= slot:
            foreign, institution = latest.get(row["code"], (0, 0))
            latest[row["code"]] = (
                foreign if row["foreign_net_volume"] is None else row["foreign_net_volume"],
                institution if row["institution_net_volume"] is None else row["institution_net_volume"],
            )
    bars = desk.figures.day("daily_bars", day_)
    return [
        (code, str((desk.figures.known(code, day_) or {})["market"]), *nets, int(bars[code]["base_price"]))
        for code, nets in latest.items()
    ]
