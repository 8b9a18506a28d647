"""기관계 as ours: the sum of eight leaves with 국가·지자체, held against what the vendor calls by that name."""

from __future__ import annotations

from collections.abc import Callable

from sugeup.market import investors
from sugeup.sources.files.layout import ROW
from sugeup.sources.replies.sheet import Sheet


def institution(won: int, shares: int, *, with_government: bool = False) -> Callable[[Sheet], Sheet]:
    """기관계 as the sum of eight leaves, where all are there; the leaves have to give the vendor's figure.

    `with_government`: whether the vendor's 기관계 has 국가·지자체 in it, as ours has. `won` and `shares`: units in
    which the vendor rounds. A row in which they do not add up is a fault.
    """
    leaves = investors.members("institution")
    own = leaves.index("government")

    def prepare(sheet: Sheet) -> Sheet:
        wrong: list[tuple[int, str, str]] = []
        for side in investors.SIDES:
            for measure, unit in (("amount", won), ("volume", shares)):
                total = investors.column("institution", side, measure)
                if total not in sheet.columns:
                    continue
                slack = unit * len(leaves) if unit > 1 else 0
                told, ours = sheet.columns[total], []
                for place, parts in enumerate(sheet.across([investors.column(leaf, side, measure) for leaf in leaves])):
                    vendors, whole = told[place], None if None in parts else sum(parts)
                    ours.append(vendors if whole is None else whole)
                    if whole is None or vendors is None:
                        continue
                    compared = whole if with_government else whole - parts[own]
                    if abs(compared - vendors) > slack:
                        said = f"the leaves do not add to the vendor's 기관계 in {total}"
                        wrong.append((sheet.columns[ROW][place], said, f"{compared} ≠ {vendors}"))
                sheet.columns[total] = ours
        return sheet.reject(wrong)

    return prepare
