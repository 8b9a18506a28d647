"""증시자금동향: deposits and loans by day, two sessions late; money in funds is not simulated."""

from __future__ import annotations

from sugeup.sandbox.figures import Found
from sugeup.sandbox.moment import SETTLED
from sugeup.sandbox.naver.desk import EOK, Desk, Row, day, whole

_LAG = 2
_MONEY = {"customerDeposit": "deposits", "creditLoan": "loan_balance_amount"}
_FUNDS = ("beneficiaryCertificateStock", "beneficiaryCertificateMixing", "beneficiaryCertificateBond")


def market_trend_deposit(desk: Desk) -> Row:
    """Days, newest first."""
    frame = desk.figures.scope("market_funds", "").slice(None, desk.moment.public(_LAG, SETTLED))
    height = frame.height

    def rows(start: int, stop: int) -> list[Row]:
        found = frame.slice(max(height - stop - 1, 0), min(stop - start + 1, height - start)).to_dicts()[::-1]
        return [
            _row(row, found[at + 1] if at + 1 < len(found) else row) for at, row in enumerate(found[: stop - start])
        ]

    return desk.paged(height, rows)


def _row(row: Found, before: Found) -> Row:
    found = {"bizdate": day(row["session"])}
    for name, column in _MONEY.items():
        found |= {name: whole(row[column], EOK), f"{name}Diff": whole(row[column] - before[column], EOK)}
    return found | {f"{name}{end}": "" for name in _FUNDS for end in ("", "Diff")}
