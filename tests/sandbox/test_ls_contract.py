"""Every answer of the LS sandbox has the fields of the specification, and is written as the vendor's examples are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sugeup.sandbox.ls.routes import SINGLE, SPELT
from tests.support.ls_caller import ENDPOINTS, LsCaller, calling_ls
from tests.support.sandboxes import made, market

RECORDED = Path(__file__).parents[1] / "recorded" / "ls"
ANSWERED = sorted(ENDPOINTS)
EVENING, MIDDAY = "2025-04-15T18:45", "2025-04-15T11:00:20"
EMPTY = {"t1636": {"gubun": "0"}}


@pytest.fixture(scope="module", params=[EVENING, MIDDAY])
def caller(request: pytest.FixtureRequest) -> Iterator[LsCaller]:
    with calling_ls(made(request.param)) as found:
        yield found


def rows(value: Any) -> list[dict[str, Any]]:
    return [value] if isinstance(value, dict) else list(value)


def pattern(value: object) -> str:
    """How a value is written: a number, or text with so many decimals and, where zeros fill it, so many characters."""
    if isinstance(value, int):
        return "number"
    text = str(value)
    if match := re.fullmatch(r"-?(\d+)\.(\d+)", text):
        return f"{len(match[2])} decimals" + (f" of {len(text)}" if re.match(r"-?0\d", text) else "")
    return "text"


def described(name: str) -> dict[str, dict[str, str]]:
    """Fields by block, under the names that are in use."""
    blocks = {block["key"]: block for block in ENDPOINTS[name]["blocks"]}
    spelt = SPELT.get(name, {})
    return {
        key: {spelt.get(field, field): unit for field, unit in blocks[block.get("same_as", key)]["fields"].items()}
        for key, block in blocks.items()
    }


@pytest.mark.parametrize("name", ANSWERED)
def test_an_answer_has_exactly_the_blocks_and_fields_of_the_specification(caller: LsCaller, name: str) -> None:
    found = caller.ask(name)
    blocks = described(name)
    assert {"rsp_cd", "rsp_msg", *blocks} == set(found)
    shapes = {block["key"]: block["shape"] for block in ENDPOINTS[name]["blocks"]}
    for key, fields in blocks.items():
        single = name in SINGLE and shapes[key] == "list"
        assert isinstance(found[key], dict if shapes[key] == "object" else dict | list if single else list), key
        for row in rows(found[key]):
            assert set(fields) == set(row), key
            assert all(isinstance(value, int | str) for value in row.values()), key


@pytest.mark.parametrize("name", ANSWERED)
def test_a_list_has_a_row_in_the_evening(name: str) -> None:
    with calling_ls(made(EVENING)) as caller:
        found = caller.ask(name, **EMPTY.get(name, {}))
    assert all(value for value in found.values())


UNLIKE = {
    "t1102": {"jkrate", "exhratio", "vol", "ftradmddiff", "ftradmsdiff", "salert", "bfeps", "bfeps2"},
    "t1511": {"whchange", "wlchange", "yhchange", "ylchange", "firchange", "secchange", "thrchange", "forchange"},
    "t1637": {"diff", "sign"},
}
"""Fields that nothing is known of here, and the chart's, which the example leaves empty."""


@pytest.mark.parametrize("name", [name for name in ANSWERED if (RECORDED / f"{name}.json").exists()])
def test_a_figure_is_a_number_or_text_as_in_the_example_of_the_vendor(caller: LsCaller, name: str) -> None:
    """Padding tells nothing of negative figures, so lengths are compared where both are positive."""
    recorded = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    found, seen = caller.ask(name), 0
    for key, value in recorded.items():
        if key.startswith("_") or isinstance(value, str):
            continue
        theirs = rows(value)[0]
        for row in rows(found[key]):
            for field, example in theirs.items():
                if field in UNLIKE.get(name, set()) or field not in row or not row[field] or not example:
                    continue
                assert isinstance(row[field], type(example)), field
                if "decimals" in pattern(example):
                    assert pattern(example).partition(" of ")[0] == pattern(row[field]).partition(" of ")[0], field
                    if "of" in pattern(example) and float(str(row[field])) >= 1:
                        assert len(str(example)) == len(str(row[field])), field
                seen += 1
    assert seen or not found[next(reversed(found))]


def test_a_list_of_one_row_is_an_object_in_some_questions() -> None:
    with calling_ls(made(EVENING)) as caller:
        one = caller.ask("t1717", gubun="1", fromdt="20250401", todt="20250415")["t1717OutBlock"]
        assert isinstance(one, dict) and "20250415" == one["date"]
        assert isinstance(caller.ask("t1717", gubun="0", fromdt=" ", todt="20250415")["t1717OutBlock"], list)


@pytest.mark.slow
def test_what_the_documents_have_wrong_is_as_it_is_in_life() -> None:
    with calling_ls(made(EVENING)) as caller:
        row = caller.ask("t1702", todt="20250414")["t1702OutBlock1"][0]
        assert "tjj0017" in row and "amt0017" not in row
        assert row["tjj0017"] in range(row["tjj0007"] + row["tjj0011"] - 1, row["tjj0007"] + row["tjj0011"] + 2)
        held = caller.ask("t1716", todt="20250414")["t1716OutBlock"]
        truth = market().rows("foreign_holding", *[market().sessions[28]] * 2, [market().codes[0]])["limit_use_pct"][0]
        told = next(one for one in held if one["date"] == f"{market().sessions[28]:%Y%m%d}")["fsc_sjrate"]
        assert abs(100 * truth - float(told)) < 0.01
        chart = caller.ask("t1637", cts_idx=9999)["t1637OutBlock1"][0]
        assert f"A{market().codes[0][:5]}" == chart["shcode"]
        assert caller.send("t1664", bdgubun=None, bgubun="2").json()["t1664OutBlock1"][0]["dt"] == "20250415"
        level = caller.ask("t1511")["t1511OutBlock"]["pricejisu"]
        assert float(caller.ask("t1665")["t1665OutBlock1"][0]["jisu"]) == pytest.approx(100 * float(level))


FLAGS = [
    ("t1601", "gubun1", "1", "2", lambda body: body["t1601OutBlock1"]["ms_08"]),
    ("t1602", "gubun1", "1", "2", lambda body: body["t1602OutBlock"]["ms_08"]),
    ("t1615", "gubun1", "1", "2", lambda body: body["t1615OutBlock1"][0]["sv_17"]),
    ("t1617", "gubun2", "1", "2", lambda body: body["t1617OutBlock"]["ms_08"]),
    ("t1664", "vagubun", "1", "2", lambda body: body["t1664OutBlock1"][0]["tjj17"]),
    ("t1632", "gubun1", "1", "0", lambda body: body["t1632OutBlock1"][0]["tot1"]),
    ("t1633", "gubun1", "1", "0", lambda body: body["t1633OutBlock1"][0]["tot1"]),
    ("t1662", "gubun1", "1", "0", lambda body: body["t1662OutBlock"][0]["tot1"]),
    ("t1702", "volvalgb", "1", "0", lambda body: body["t1702OutBlock1"][3]["tjj0008"]),
    ("t1636", "gubun1", "0", "1", lambda body: body["t1636OutBlock1"][0]["stksvalue"]),
]
"""Which word means shares and which one won, and a figure that shows it."""


@pytest.mark.parametrize(("name", "field", "shares", "won", "figure"), FLAGS, ids=[one[0] for one in FLAGS])
def test_the_word_for_shares_and_for_won_is_that_of_the_question(
    name: str, field: str, shares: str, won: str, figure: Any
) -> None:
    with calling_ls(made(EVENING)) as caller:
        more = {"msmdgb": "1"} if name == "t1702" else {}
        counted, worth = (figure(caller.ask(name, **more, **{field: word})) for word in (shares, won))
    assert counted != worth
    if name == "t1636":
        assert 0 == counted < worth
    elif name == "t1702":
        bar = market().rows("investor_day_stock", market().sessions[27], market().sessions[27], [market().codes[0]])
        assert (bar["individual_buy_volume"][0], round(bar["individual_buy_amount"][0] / 1e6)) == (counted, worth)
    else:
        assert 0 < abs(worth) < abs(counted)
