"""DART OpenAPI (금융감독원 전자공시): holdings of 5% and of officers, treasury stock, as filed.

    question           what is asked and what is read of the answer: commas, "-", line breaks
    judging, vendor    how an answer is taken; address, pace, quota, key
    feed               who filed on a day, and from there one question a company and kind
    holdings, treasury

Companies are asked by the regulator's own number, which the feed tells beside the stock code of whoever filed: so the
file of all numbers (corpCode.xml) is never needed, and a day costs a call for each company that filed, not for each
that is listed. A company without a stock code is not listed and left out.
"""

from __future__ import annotations

from sugeup.sources.dart.vendor import DART

__all__ = ["DART", "VENDOR"]

VENDOR = DART
