"""지분공시: who told the regulator how many shares of a company he holds, and what a company does with its own shares.

A report says what had changed some days before it was filed, so it counts from the day of filing, which may be one on
which the exchange is closed (1 May, the last weekday of a year). A correction is a
report of its own, with a number of its own; the one that it corrects stays. The number alone is unique; code and day
stand in the key because rows are kept and found by them.
"""

from __future__ import annotations

from sugeup.records.schema import CODE, Column, Dataset, Kind, Partition, integer, number, text

KINDS = {
    "MAJOR": "대량보유 (5%)",
    "OFFICER": "임원·주요주주",
    "TREASURY_BUY": "자기주식 취득 결정",
    "TREASURY_SELL": "자기주식 처분 결정",
    "TREASURY_TRUST": "자기주식 신탁 체결",
    "TREASURY_TRUST_END": "자기주식 신탁 해지",
    "TREASURY_STATUS": "자기주식 현황",
}
"""Kinds of report and their Korean names."""

FILINGS = Dataset(
    "filings",
    "지분공시",
    "One report about holdings of shares or about treasury stock, as it was filed.",
    ("code", "filed_on", "receipt_no"),
    (
        text("receipt_no", "접수번호", "Number of the report, fourteen figures.", required=True),
        CODE,
        text("corp_code", "고유번호", "The regulator's number of the company, eight figures."),
        Column("filed_on", Kind.DATE, "", "접수일", "Day of filing in Seoul.", True),
        text("kind", "종류", ", ".join(f"{kind} {said}" for kind, said in KINDS.items()), required=True, values=KINDS),
        text("holder", "보고자", "Who reports; the company itself for its treasury stock."),
        integer(
            "held_shares", "shares", "보유주식수", "Shares held after the change; before it in a decision of a company."
        ),
        number("held_pct", "%", "보유비율", "The same as a share of all shares, as the report rounds it."),
        integer(
            "change_shares",
            "shares",
            "증감",
            "Shares more (+) or fewer (-) than before, bought or granted alike; the number that is planned in a "
            "decision of a company.",
        ),
    ),
    Partition.YEAR,
    scope="code",
    dated="filed_on",
    traded=False,
    every_day=True,
)
DATASETS = (FILINGS,)
