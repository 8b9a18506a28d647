"""CSV files that a member saves by hand on the pages of KRX: wide, Korean headings, a file for each question.

What a question asked for stands in no column: of which day a file is, whose purchases it shows, which market, side and
measure. The day is told by the caller; the rest by the file's name, and files that belong together become one table.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from sugeup.errors import Refused
from sugeup.records import Kind, Origin, Standing
from sugeup.sources.files import download_tables as tables
from sugeup.sources.files.layout import Layout, Rows, Table

SOURCE = "krx_download"
CALLED = re.compile(r"data_\d+_(\d{8})")
"""How the site names a file: a number and the day on which it was saved, which is not the day of the figures."""


@dataclass(frozen=True)
class Download:
    """One page's file. `headings`: as printed, without spaces → our name and kind; others are not read.

    `words`: what the name of a file has to say, by what it is about; a word is told by any of its spellings. `dated`:
    whether a column says the day. `whole`: values that have to be there, each in a file of its own.
    """

    name: str
    title: str
    dataset: str
    headings: Mapping[str, tuple[str, Kind]]
    transform: Callable[[pl.DataFrame], Rows]
    words: Mapping[str, Mapping[str, tuple[str, ...]]]
    dated: bool = False
    whole: tuple[str, tuple[str, ...]] | None = None


@dataclass(frozen=True)
class Saved:
    """A file that was read: its name and its rows."""

    name: str
    frame: pl.DataFrame


def page_of(columns: Sequence[str]) -> Download | None:
    """The page that a file was saved from; None when it is of none."""
    given = {_heading(column) for column in columns}
    return next((one for one in DOWNLOADS if set(one.headings) <= given), None)


def table(page: Download, files: Sequence[Saved], session: date | None) -> tuple[pl.DataFrame, Layout]:
    """The rows of files of one page with what no column says, and the layout by which they are parsed.

    Raises Refused where the day, or what a name has to say, is missing or said twice, and where a file is missing.
    """
    if page.dated and session is not None:
        raise Refused(
            f"{files[0].name}: {page.title} says in every row of which day it is, and the session {session} was named.",
            hint="Leave the session out.",
        )
    if not page.dated and session is None:
        raise Refused(
            f"{files[0].name}: is {page.title} of KRX, and no column says of which day{_saved_on(files[0].name)}.",
            hint="Say it: `--session 2026-11-20`.",
        )
    frames = []
    for one in files:
        words = {about: _word(one.name, about, known, page) for about, known in page.words.items()}
        frames.append(_told(page, one.frame, words, session))
    _complete(page, frames)
    kinds: dict[str, Kind | None] = dict(page.headings.values())
    kinds |= {"date": Kind.DATE} | dict.fromkeys(page.words, Kind.TEXT)
    return pl.concat(frames), Layout(page.name, page.title, kinds, (Table(page.dataset, page.transform, SOURCE),))


def _told(page: Download, frame: pl.DataFrame, words: Mapping[str, str], session: date | None) -> pl.DataFrame:
    printed = {_heading(column): column for column in frame.columns}
    read = [_present(printed[heading]).alias(name) for heading, (name, _) in page.headings.items()]
    told = {**words, **({} if session is None else {"date": session.isoformat()})}
    return frame.select(*read, *(pl.lit(value).alias(name) for name, value in told.items()))


def _present(column: str) -> pl.Expr:
    text = pl.col(column).cast(pl.String).str.strip_chars()
    return pl.when(~text.is_in(["", "-"])).then(text)


def _heading(column: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFC", column))


def _word(name: str, about: str, known: Mapping[str, tuple[str, ...]], page: Download) -> str:
    """What a file's name says of something: the longest spelling first, so that 외국인 is not found in 기타외국인."""
    left = re.sub(r"[\s·_.-]", "", unicodedata.normalize("NFC", name)).upper()
    spelt = sorted(((text, word) for word, texts in known.items() for text in texts), key=lambda one: -len(one[0]))
    found = []
    for text, word in spelt:
        if text in left:
            left = left.replace(text, " ")
            found.append(word)
    if len(set(found)) == 1:
        return found[0]
    allowed = ", ".join(texts[0] for texts in known.values())
    raise Refused(
        f"{name}: is {page.title} of KRX, and its name says "
        f"{'more than one' if found else 'no'} {about}: {', '.join(sorted(set(found))) or 'none'}.",
        hint=f"No column of the file says it: rename it so that its name holds one of {allowed}.",
    )


def _complete(page: Download, frames: Sequence[pl.DataFrame]) -> None:
    if page.whole is None:
        return
    about, needed = page.whole
    there = {frame[about][0] for frame in frames if frame.height}
    missing = [page.words[about][one][0] for one in needed if one not in there]
    if missing:
        raise Refused(
            f"{page.title} of KRX comes in a file for each {about}; missing: {', '.join(missing)}.",
            hint="Give the files of all of them in one command: a row of a day is made of all, and 전체 shows that no "
            "one is missing.",
        )


def _saved_on(name: str) -> str:
    found = CALLED.search(name)
    return f" (the {found.group(1)} in its name is the day on which it was saved)" if found else ""


_CODE = {"종목코드": ("code", Kind.TEXT)}
_INVESTORS = {
    "9999": ("전체",),
    "8000": ("개인",),
    "9000": ("외국인",),
    "9001": ("기타외국인",),
    "1000": ("금융투자",),
    "2000": ("보험",),
    "3000": ("투신",),
    "3100": ("사모",),
    "4000": ("은행",),
    "5000": ("기타금융",),
    "6000": ("연기금", "연기금등"),
    "7000": ("국가지자체", "국가"),
    "7100": ("기타법인",),
}
_MARKETS = {"KOSPI": ("KOSPI", "코스피", "STK"), "KOSDAQ": ("KOSDAQ", "코스닥", "KSQ")}
_SIDES = {"net": ("순매수",), "buy": ("매수",), "sell": ("매도",)}
_MEASURES = {"amount": ("거래대금",), "volume": ("거래량",)}


def _integers(**headings: str) -> dict[str, tuple[str, Kind]]:
    return {heading: (name, Kind.INTEGER) for name, heading in headings.items()}


DOWNLOADS = (
    Download(
        "krx_download_bars",
        "전종목 시세 (12001)",
        "daily_bars",
        _CODE
        | _integers(
            close="종가", change="대비", open="시가", high="고가", low="저가", volume="거래량", amount="거래대금",
            market_cap="시가총액", shares="상장주식수",
        ),
        tables.bars,
        {},
    ),
    Download(
        "krx_download_net_purchases",
        "투자자별 순매수상위종목 (12010)",
        "investor_day_stock",
        _CODE
        | _integers(
            sell_volume="거래량_매도", buy_volume="거래량_매수", net_volume="거래량_순매수",
            sell_amount="거래대금_매도", buy_amount="거래대금_매수", net_amount="거래대금_순매수",
        ),
        tables.net_purchases,
        {"investor": _INVESTORS},
        whole=("investor", tuple(code for code in _INVESTORS if code != "7000")),
    ),
    Download(
        "krx_download_foreign_holding",
        "외국인보유량 (12023)",
        "foreign_holding",
        _CODE | _integers(listed_shares="상장주식수", held_shares="외국인보유수량", limit_shares="외국인한도수량"),
        tables.holdings,
        {},
    ),
    Download(
        "krx_download_short_trades",
        "개별종목 공매도 거래 (32001)",
        "short_day",
        _CODE
        | _integers(
            short_volume="수량_공매도거래량_전체", traded="수량_거래량", short_amount="금액_공매도거래대금_전체"
        ),
        tables.short_trades,
        {},
    ),
    *(
        Download(
            "krx_download_short_balance",
            "공매도 순보유잔고 (33001)",
            "short_balance",
            _CODE
            | _integers(
                balance_shares=f"{before}순보유잔고수량", listed_shares="상장주식수",
                balance_amount=f"{before}순보유잔고금액",
            ),
            tables.short_balances,
            {},
        )
        for before in ("공매도", "")
    ),
    Download(
        "krx_download_market_investors",
        "투자자별 거래실적 일별 (12009)",
        "investor_day_market",
        {"일자": ("date", Kind.DATE)}
        | _integers(
            financial_investment="금융투자", insurance="보험", investment_trust="투신", private_fund="사모",
            bank="은행", other_financial="기타금융", pension_fund="연기금등", other_corporation="기타법인",
            individual="개인", foreign_registered="외국인", foreign_other="기타외국인", total="전체",
        ),
        tables.market_investors,
        {"market": _MARKETS, "side": _SIDES, "measure": _MEASURES},
        dated=True,
    ),
)  # fmt: skip
ORIGINS = (
    Origin(
        SOURCE,
        "Files saved by hand on the pages of KRX",
        "KRX 정보데이터시스템에서 내려받은 파일",
        Standing.EXCHANGE_FILE,
        notes={
            "daily_bars": "Raw prices. base_price is the close less the day's change.",
            "investor_day_stock": "One file for each investor. Who is not listed for a stock has 0, because the others "
            "add to 전체; a stock where they do not is rejected. 기관계 and 외국인합계 are sums of their leaves.",
            "investor_day_market": "As the page was asked: without ETF, ETN and ELW unless they were ticked. "
            "국가·지자체 is in 연기금등 and null itself.",
            "foreign_holding": "limit_use_pct is computed from held_shares and limit_shares.",
            "short_day": "Rates are not stored.",
            "short_balance": "A file whose every balance is 0 is of a day that is not published yet: not stored.",
        },
        provenance="data.krx.co.kr, CSV by hand",
    ),
)
