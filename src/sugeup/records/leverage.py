"""빚과 빌린 주식: lending of shares between institutions (대차) and loans of brokers to individuals (신용), by stock.

Lending feeds short selling but is more than it: a lent share may be held, returned or sold short. A row of `credit` is
dated by the trade, not by its settlement two sessions later.
"""

from __future__ import annotations

from sugeup.records.schema import CODE, SESSION, Column, Dataset, Partition, integer

LENDING = Dataset(
    "lending",
    "대차거래",
    "Shares of one stock lent and returned on one session, and what is still lent.",
    ("code", "session"),
    (
        CODE,
        SESSION,
        integer("new_shares", "shares", "대차 신규", "Shares newly lent."),
        integer("repaid_shares", "shares", "대차 상환", "Shares returned."),
        integer("balance_shares", "shares", "대차 잔고", "Shares lent and not yet returned."),
        integer("balance_amount", "won", "대차 잔고금액", "Value of the balance."),
    ),
    Partition.MONTH,
    scope="code",
)
_KINDS = {"loan": ("융자", "bought with loans of brokers"), "stock_loan": ("대주", "borrowed by individuals to sell")}
_STEPS = {"new": ("신규", "newly {said}"), "repaid": ("상환", "repaid, {said}"), "balance": ("잔고", "still {said}")}


def _credit(kind: str) -> list[Column]:
    korean, said = _KINDS[kind]
    return [
        integer(
            f"{kind}_{step}_{measure}",
            unit,
            f"{korean} {word} {measured}",
            f"{'Shares' if measure == 'shares' else 'Won of shares'} {phrase.format(said=said)}.",
        )
        for measure, unit, measured in (("shares", "shares", "주수"), ("amount", "won", "금액"))
        for step, (word, phrase) in _STEPS.items()
    ]


CREDIT = Dataset(
    "credit",
    "신용거래",
    "Loans for buying one stock (융자) and shares borrowed by individuals (대주), by the session of the trade.",
    ("code", "session"),
    (CODE, SESSION, *_credit("loan"), *_credit("stock_loan")),
    Partition.MONTH,
    scope="code",
)
DATASETS = (LENDING, CREDIT)
