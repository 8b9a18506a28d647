"""Replies of vendors read: what every vendor that answers in JSON needs, whatever it calls its fields.

values     what is written as text or as a number, read as our kinds
sheet      fields and blocks of an answer, its rows in our columns and units
moments    which session and minute an answer is of
timed      rows with a time of day
paging     which days a request asks for, and which page comes next
pages      from the rows of an answer to a page
sums       기관계 as ours, from the vendor's and the leaves
parts      a row that takes several questions, joined
"""

from __future__ import annotations
