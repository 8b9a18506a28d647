"""The detailed page has every figure of an answer, exactly, and what is known about it, made alike for all answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup import registry
from sugeup.archive import Archive
from sugeup.faces import payload
from sugeup.usecases import whole_text
from sugeup.usecases.whole_tables import Record, Table
from sugeup.usecases.whole_words import WIDTH
from sugeup.usecases.wording import Grid, screen_width

CASES = registry.usecases()
DAY = "2026-02-13"
ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("explain_metric", {"metric_id": "inv.trend"}),
    ("get_data_status", {}),
    ("get_investor_sentiment", {"granularity": "BY_TYPE", "session": "2026-05-29"}),
    ("get_investor_trading", {"stock_code": "005930", "period": "5D", "session": DAY}),
    ("get_investor_trading", {"market": "KOSPI", "session": "2026-05-29"}),
    ("get_market_brief", {"session": "2026-05-29"}),
    ("get_ownership_changes", {"stock_code": "005930", "session": "2026-06-30", "period": "1M"}),
    ("get_sector_investor_flow", {"session": DAY}),
    ("get_short_selling", {"stock_code": "035720", "session": DAY, "period": "20D"}),
    ("get_short_selling", {"session": DAY}),
    ("get_smart_money_tracker", {"detection_method": "FOREIGN_SURGE", "session": DAY}),
    ("get_time_based_flow", {"market": "KOSPI", "session": "MORNING"}),
    ("rank_flows", {"session": DAY, "by": "NET_TO_TURNOVER", "limit": 60}),
    ("search_stock", {"query": "삼성"}),
    ("get_stock_behavior", {"stock_code": "005930"}),
    ("get_stock_indicators", {"stock_code": "005930"}),
    ("get_stock_patterns", {"stock_code": "005930"}),
    ("get_stock_flows", {"stock_code": "005930"}),
    ("list_sources", {}),
)


def asked(archive: Archive, name: str, arguments: dict[str, Any]) -> tuple[list[object], dict[str, Any]]:
    """The short page and the answer as JSON."""
    answer = CASES[name].run(archive, **arguments)
    return list(CASES[name].text(answer)), payload.plain(answer)


def values(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of an answer that is not an object or a list, with its path."""
    if isinstance(node, dict):
        for name, one in node.items():
            yield from values(one, f"{path}.{name}")
    elif isinstance(node, list):
        for number, one in enumerate(node):
            yield from values(one, f"{path}[{number}]")
    elif node is not None and not isinstance(node, bool):
        yield path, node


def untold(plain: dict[str, Any], text: str) -> list[str]:
    """Paths of numbers and words that the text lacks."""
    numbers = {one.rstrip(",.") for one in re.findall(r"-?[0-9][0-9,.]*(?:e[-+]?[0-9]+)?", text)}
    words = re.sub(r"\s+", "", text)
    return [
        f"{path} {value!r}"
        for path, value in values(plain)
        if (f"{value:,}" not in numbers if not isinstance(value, str) else re.sub(r"\s+", "", value) not in words)
    ]


@pytest.mark.parametrize(("name", "arguments"), ASKED, ids=lambda one: one if isinstance(one, str) else "")
def test_every_number_and_word_of_an_answer_is_in_its_detailed_page(
    sample: Archive, name: str, arguments: dict[str, Any]
) -> None:
    short, plain = asked(sample, name, arguments)
    page = whole_text.page(short, plain)
    assert [] == untold(plain, "\n".join(map(str, page)))
    assert short == page[: len(short)]


def test_every_tool_is_looked_at(sample: Archive) -> None:
    """Programme trading is not in the sample; its own test has it."""
    tools = {case.name for case in CASES.values() if case.tool} - {"get_program_trading"}
    assert tools <= {name for name, _arguments in ASKED}


@pytest.mark.parametrize(("name", "arguments"), ASKED, ids=lambda one: one if isinstance(one, str) else "")
def test_tables_and_lines_fit_a_screen(sample: Archive, name: str, arguments: dict[str, Any]) -> None:
    """A line is longer than a screen only where a single value is."""
    short, plain = asked(sample, name, arguments)
    for part in whole_text.page(short, plain)[len(short) :]:
        if isinstance(part, Grid):
            assert max(map(screen_width, str(part).splitlines())) <= WIDTH
        elif screen_width(str(part)) > WIDTH:
            assert 1 == len(str(part).strip().rstrip("·").split(" · ")), part


def test_a_long_list_is_cut_and_the_text_says_what_was_left_out(sample: Archive) -> None:
    short, plain = asked(sample, "get_stock_flows", {"stock_code": "005930", "limit": 200})
    page = "\n".join(map(str, whole_text.page(short, plain, whole_text.LETTERS)))
    assert len(page) <= whole_text.LETTERS < len("\n".join(map(str, whole_text.page(short, plain))))
    said = page[page.index("… left out for length:") :]
    assert re.search(r"rows: the first \d+ of 200", said) and "structured answer" in said
    assert plain["rows"][0]["session"] in page


def test_of_a_run_of_times_the_last_ones_are_kept() -> None:
    table = Table("bins", [Record({"time": f"{hour:02}:00", "net": hour}, {}) for hour in range(9, 16)])
    kept, left = table.cut(2)
    assert ["14:00", "15:00"] == kept.names() and "bins: the last 2 of 7" == left


def test_blocks_beside_one_another_are_one_table_and_what_is_equal_is_said_once() -> None:
    about = {"net": {"unit": "won", "window": "5D"}, "rank": {"percentile": 72.4}}
    plain = {
        "groups": {
            "foreign": {"net": -1042061224509, "rank": 3, "meta": about},
            "individual": {
                "net": None,
                "rank": 1,
                "meta": about | {"net": {"reason": "NOT_COLLECTED", "note": "no file"}},
            },
        }
    }
    text = "\n".join(map(str, whole_text.whole(plain)))
    assert re.search(r"^foreign +-1,042,061,224,509 +3$", text, re.M) and re.search(r"^individual +– +1$", text, re.M)
    assert "about (won, window 5D) net · (percentile 72.4) rank" in text
    assert "null NOT_COLLECTED: no file: groups.individual: net" in text
    assert ["null NOT_COLLECTED: no file: groups.individual: net"] == whole_text.nulls(plain)


def test_gaps_and_warnings_are_told_once() -> None:
    gap = {"what": "program", "reason": "NOT_COLLECTED", "how": "run it"}
    plain = {"coverage": [gap, gap | {"what": "shorts"}], "warnings": ["old", "older figures"]}
    text = "\n".join(map(str, whole_text.whole(plain, "없음 program: NOT_COLLECTED. run it\n! old")))
    assert "없음 shorts: NOT_COLLECTED. run it" in text and "! older figures" in text
    assert "program" not in text and "! old\n" not in text


NAMES = st.sampled_from(["net", "rank", "code", "time", "share"])
NUMBERS = st.integers(-(10**15), 10**15) | st.floats(-1e9, 1e9, allow_nan=False)
SCALARS = st.none() | st.booleans() | NUMBERS | st.sampled_from(["KOSPI", "삼성전자", "2026-02-13"])
ABOUT = st.fixed_dictionaries(
    {},
    optional={
        "unit": st.sampled_from(["won", "%", "0-100"]),
        "n": st.integers(0, 10**6),
        "percentile": st.floats(0, 100),
        "ci": st.lists(st.floats(-1, 1), min_size=2, max_size=2),
        "reason": st.sampled_from(["NOT_COLLECTED", "HALTED"]),
        "note": st.sampled_from(["no file of 17 days", "stands still"]),
    },
)


@st.composite
def blocks(draw: st.DrawFn, depth: int = 2) -> dict[str, Any]:
    """A block as answers have them: plain fields, blocks, lists of records, remarks on the plain fields."""
    block: dict[str, Any] = draw(st.dictionaries(NAMES, SCALARS | st.lists(NUMBERS, max_size=3), max_size=4))
    about = draw(st.dictionaries(st.sampled_from(sorted(block)), ABOUT, max_size=3)) if block else {}
    if depth:
        inner = blocks(depth=depth - 1)
        block |= draw(st.dictionaries(st.sampled_from(["deep", "part", "side"]), st.none() | inner, max_size=3))
        block |= draw(st.dictionaries(st.sampled_from(["rows", "top"]), st.lists(inner, max_size=4), max_size=1))
    return block | ({"meta": about} if about else {})


@settings(deadline=None)
@given(blocks())
def test_no_figure_is_lost_whatever_the_shape_of_an_answer(plain: dict[str, Any]) -> None:
    """A unit is told with a value alone, a note of a null with its reason; all else is told of every value."""
    text = "\n".join(map(str, whole_text.whole(plain)))
    assert [] == [one for one in untold(plain, text) if not re.search(r"\.meta\.\w+\.(unit|note) ", one)]


def test_what_is_said_of_a_block_as_a_whole_is_told_where_it_has_no_figures_of_its_own() -> None:
    inner = {"x": {"y": 1}, "meta": {}}
    about = {"deep": {"note": "of all of it"}, "left": {"note": "one of two"}}
    blocks = {"deep": inner, "left": {"n": 1, "meta": {}}, "right": {"n": 2, "meta": {}}}
    said = "\n".join(map(str, whole_text.whole({**blocks, "meta": about, "coverage": [], "warnings": []})))
    assert "deep (note of all of it):" in said and "left (note one of two)" in said
