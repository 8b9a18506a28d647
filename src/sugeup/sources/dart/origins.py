"""The names under which rows of this vendor are stored."""

from __future__ import annotations

from sugeup.records import Origin, Standing

FILED = "dart"

ORIGINS = (
    Origin(
        FILED,
        "DART OpenAPI: reports as filed",
        "금융감독원 전자공시 DART",
        Standing.REGULATOR_API,
        notes={
            "filings": "Dated by the day of filing; what is told may have happened days before. Reports of officers "
            "tell no reason and no price: a purchase and a grant look alike. Reports of treasury stock have the day of "
            "filing in their number alone. A decision tells what is planned, of ordinary shares; a contract of trust "
            "names won and no shares, which are null. The status at the end of a period is its total of ordinary "
            "shares, and is read of companies whose year ends in December. Reasons, prices and the shares under "
            "contract (주요계약체결주식) are left out.",
        },
        provenance="list, majorstock, elestock, tsstkAqDecsn, tsstkDpDecsn, tsstkAqTrctrCnsDecsn, tsstkAqTrctrCcDecsn, "
        "tesstkAcqsDspsSttus",
    ),
)
