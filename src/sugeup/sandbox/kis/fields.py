"""Investors' fields by their names: `frgn_reg_askp_qty` is what registered foreigners sold, in shares.

The vendor writes prefix, side and measure in several spellings; one pattern reads them all from the specification.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

import polars as pl

from sugeup.sandbox.kis.desk import Fields
from sugeup.sandbox.kis.envelope import MILLION, THOUSAND, Row, units

GROUPS: dict[str, str] = {
    "prsn": "individual",
    "frgn_reg": "foreign_registered",
    "frgn_nreg": "foreign_other",
    "frgn": "foreign",
    "orgn": "orgn",
    "scrt": "financial_investment",
    "ivtr": "investment_trust",
    "pe_fund": "private_fund",
    "bank": "bank",
    "insu": "insurance",
    "mrbn": "other_financial",
    "fund": "pension_fund",
    "etc": "etc",
    "etc_orgt": "government",
    "etc_corp": "other_corporation",
}
"""Prefix of a field and the columns it stands for; `orgn` and `etc` are sums drawn as the vendor draws them."""
_SIDES = {"ntby": "net", "seln": "sell", "shnu": "buy", "askp": "sell", "bidp": "buy"}
_UNITS = {"shares": 1, "thousand shares": THOUSAND, "million won": MILLION, "won": 1}
_FIELD = re.compile(rf"({'|'.join(sorted(GROUPS, key=len, reverse=True))})_({'|'.join(_SIDES)})_(qty|vol|tr_pbmn|pbmn)")


def column(field: str) -> str | None:
    """Our column of an investor's field; None when it is another field. `prsn_ntby_qty`: `individual_net_volume`."""
    match = _FIELD.fullmatch(field)
    if match is None:
        return None
    group, side, measure = match.groups()
    return f"{GROUPS[group]}_{_SIDES[side]}_{'amount' if measure.endswith('pbmn') else 'volume'}"


@functools.cache
def _layout(fields: tuple[tuple[str, str], ...]) -> tuple[list[str], list[str], list[int]]:
    named = [(field, column(field), _UNITS.get(unit, 1)) for field, unit in fields]
    chosen = [(field, found, unit) for field, found, unit in named if found is not None]
    return [one[0] for one in chosen], [one[1] for one in chosen], [one[2] for one in chosen]


def flows(fields: Fields, frame: pl.DataFrame) -> Iterator[Row]:
    """The investors' fields of every row of a frame, in the units of the specification."""
    names, columns, sizes = _layout(tuple(fields.items()))
    for values in frame[columns].rows():
        yield {name: units(value, unit) for name, value, unit in zip(names, values, sizes, strict=True)}


def blank(fields: Fields, value: str) -> Row:
    """The investors' fields with the same text in each."""
    return dict.fromkeys(_layout(tuple(fields.items()))[0], value)
