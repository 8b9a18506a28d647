"""The questions have the answers they say, a model is asked and judged fairly in each format, and keys stay secret."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from evals import __main__ as command
from evals import formats, lakes, oracle, paths, questions, running, scoring
from evals.agent import Model
from evals.counting import tokens
from evals.questions import Answer, Question
from evals.wires import WIRES

from sugeup.faces.answering import Answering
from sugeup.faces.index import index
from sugeup.sandbox.market import SimulatedMarket
from tests.support.model_server import KEY, Script, Stand, model_server

SOME = (
    "demo.market.foreign-day",
    "demo.stock.foreign-5d",
    "demo.stock.hynix-individual",
    "demo.stock.samsung-or-hynix",
    "demo.calendar.next-session",
    "demo.unknown.before-history",
    "demo.unknown.won",
)
EVERY = questions.load()
OPENING = {"openai": "/v1", "anthropic": "", "gemini": "", "local": "/v1"}
"""What stands before the path of a format in the address that a user gives."""


@pytest.fixture(scope="session")
def demo(sample_home: Path) -> dict[str, Answering]:
    return {"demo": lakes.demo(sample_home)}


@pytest.fixture(scope="session")
def both(demo: dict[str, Answering], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answering]:
    return demo | {"simulated": lakes.simulated_market(tmp_path_factory.mktemp("simulated"))}


@pytest.fixture(scope="session")
def some(demo: dict[str, Answering]) -> list[tuple[Question, Script]]:
    chosen = questions.choose(list(SOME))
    return list(zip(chosen, scripts(chosen, oracle.prove(chosen, demo)), strict=True))


def scripts(chosen: Sequence[Question], proofs: Sequence[oracle.Proof]) -> list[Script]:
    """What a model would do that asks as the oracle does, and what it would say."""
    found = []
    for question, proof in zip(chosen, proofs, strict=True):
        said = str(proof.found)
        if question.answer.rule == "reason":
            said = f"NOT_KNOWN {said}"
        elif question.answer.rule == "number":
            said = f"{proof.found:,.2f} {question.answer.unit}"
        calls = [(step.tool, step.arguments) for step in proof.asked]
        found.append(Script(calls, f"From what the tools say.\n\n**ANSWER:** {said}"))
    return found


def ask(stand: Stand, api: str, chosen: Sequence[Question], opened: Mapping[str, Answering]) -> dict[str, Any]:
    model = Model(stand.address + OPENING[api], "scripted", KEY)
    return running.report(chosen, running.ask_all(chosen, opened, WIRES[api](), model), api, model)


def test_there_are_questions_enough_of_each_kind() -> None:
    assert 40 <= len(EVERY)
    assert 20 <= sum(one.language == "ko" for one in EVERY)
    assert 10 <= sum(len({step.tool for step in one.steps}) > 1 for one in EVERY)
    reasons = Counter(one.answer.value for one in EVERY if one.answer.rule == "reason")
    assert 6 <= reasons.total()
    assert {"NOT_COLLECTED", "UNCALIBRATED", "OUT_OF_HISTORY", "OUT_OF_SCOPE", "NOT_PUBLISHED_YET"} <= set(reasons)
    for one in EVERY:
        hangul = sum("가" <= letter <= "힣" for letter in one.question)
        assert ("ko" == one.language) == (len(one.question) < 4 * hangul), one.id


def test_every_tool_is_needed_by_some_question() -> None:
    tools = {one.tool for one in index().questions.values() if one.tool}
    assert tools == {step.tool for one in EVERY for step in one.steps}


def test_concise_answers_are_enough_for_every_question() -> None:
    """The oracle never asks for details: a model that keeps the default is not led to a guess."""
    assert [] == [one.id for one in EVERY for step in one.steps if "response_format" in step.arguments]


@pytest.mark.parametrize("era", ["auto", "legacy"])
def test_questions_are_answerable_as_stated_in_both_protocol_eras(demo: dict[str, Answering], era: Any) -> None:
    proofs = oracle.prove(questions.choose(list(SOME)), demo, era)
    assert {one.id: () for one in proofs} == {one.id: one.failures for one in proofs}
    assert len(SOME) == len(proofs)


def test_the_oracle_says_what_is_wrong_with_a_question(demo: dict[str, Answering]) -> None:
    good = questions.choose(["demo.stock.foreign-5d"])[0]
    wrong = replace(good, id="wrong", answer=replace(good.answer, value=7))
    dear = replace(good, id="dear", calls=0, tokens=10)
    lost = replace(good, id="lost", answer=replace(good.answer, of=("investor_data.nobody",)))
    said = {one.id: " ".join(one.failures) for one in oracle.prove([wrong, dear, lost], demo)}
    assert "found 14838831" in said["wrong"] and "expected 7" in said["wrong"]
    assert "1 calls, at most 0" in said["dear"] and "tokens, at most 10" in said["dear"]
    assert "nothing at 'nobody'" in said["lost"]


def test_answers_about_the_sample_are_what_its_rows_say() -> None:
    """Worked out from the files, past everything that answers questions."""
    rows = {name: pl.read_parquet(str(files("sugeup.sample") / f"{name}.parquet")) for name in SAMPLED}
    week = pl.col("session").is_between(pl.date(2026, 2, 9), pl.date(2026, 2, 13))
    day = pl.col("session") == pl.date(2026, 5, 29)
    bought = rows["investor_day_stock"].filter(week & (pl.col("code") == "005930"))["foreign_net_volume"].sum()
    assert said("demo.stock.foreign-5d") == bought
    market = rows["investor_day_market"].filter(day & (pl.col("market") == "KOSPI"))
    copied = market.filter(pl.col("source") == "krx_market_copy")["foreign_net_amount"].item()
    assert said("demo.market.foreign-day") == round(copied / 1e8)
    leaves = market.filter(pl.col("source") == "naver_market_copy")["pension_fund_net_amount"].item()
    assert said("demo.market.pension") == round(leaves / 1e8)
    index = rows["index_day"].filter(day & (pl.col("index_code") == "KOSPI"))["close"].item()
    assert said("demo.market.index-close") == index
    open_short = (pl.col("code") == "035720") & (pl.col("session") == pl.date(2026, 2, 13))
    assert said("demo.short.balance") == rows["short_balance"].filter(open_short)["balance_shares"].item()
    held = (pl.col("code") == "005930") & (pl.col("session") == pl.date(2026, 6, 30))
    assert said("demo.ownership.shares") == rows["foreign_holding"].filter(held)["held_shares"].item()


SAMPLED = (
    "investor_day_stock",
    "investor_day_market",
    "index_day",
    "short_balance",
    "foreign_holding",
)


def said(id: str) -> Any:
    return questions.choose([id])[0].answer.value


@pytest.mark.parametrize("api", ["openai", "anthropic", "gemini", "local"])
def test_a_model_that_asks_as_the_oracle_does_is_right(
    demo: dict[str, Answering], some: list[tuple[Question, Script]], api: str
) -> None:
    with model_server({question.question: script for question, script in some}) as stand:
        found = ask(stand, api, [question for question, _script in some], demo)
    assert [None] * len(some) == [one["error"] for one in found["outcomes"]]
    score = found["scores"]["all"]
    assert (len(some), len(some), len(some)) == (score["asked"], score["right"], score["right_and_thrifty"])
    turns = sum(len(script.calls) + 1 for _question, script in some)
    assert (100 * turns, 7 * turns) == (score["tokens_read"], score["tokens_written"])
    assert turns == len(stand.requests)


@pytest.mark.slow
@pytest.mark.parametrize("api", ["openai", "anthropic", "gemini"])
def test_several_calls_in_one_turn_are_answered_together(
    demo: dict[str, Answering], some: list[tuple[Question, Script]], api: str
) -> None:
    chosen = [(question, script) for question, script in some if question.id == "demo.stock.samsung-or-hynix"]
    with model_server({question.question: replace(script, together=True) for question, script in chosen}) as stand:
        found = ask(stand, api, [question for question, _script in chosen], demo)
    assert 1 == found["scores"]["all"]["right_and_thrifty"]
    assert 2 == len(stand.requests)


def test_guesses_and_wasteful_ways_are_told_apart(
    demo: dict[str, Answering], some: list[tuple[Question, Script]]
) -> None:
    """A guess where nothing is known is wrong; a right answer after needless calls is right, but not thrifty."""
    by_id = {question.id: (question, script) for question, script in some}
    guess, dear, mute = (by_id[id] for id in ("demo.unknown.won", "demo.stock.foreign-5d", "demo.market.foreign-day"))
    played = {
        guess[0].question: replace(guess[1], last="ANSWER: -1,234,567 won"),
        dear[0].question: replace(dear[1], calls=[*dear[1].calls, ("get_data_status", {}), ("no_such_tool", {})]),
        mute[0].question: replace(mute[1], last="Foreigners sold 10,421."),
    }
    chosen = [guess[0], dear[0], mute[0]]
    with model_server(played) as stand:
        outcomes = ask(stand, "anthropic", chosen, demo)["outcomes"]
    assert [(False, True), (True, False), (False, True)] == [(one["right"], one["thrifty"]) for one in outcomes]
    assert [None, None, None] == [one["error"] for one in outcomes]


def test_a_model_that_never_stops_is_stopped(demo: dict[str, Answering]) -> None:
    question = questions.choose(["demo.metric.trend-window"])[0]
    endless = Script([("explain_metric", {"metric_id": "inv.trend"})] * 50, "ANSWER: 70")
    with model_server({question.question: endless}) as stand:
        outcome = ask(stand, "openai", [question], demo)["outcomes"][0]
    assert "no answer after 6 turns" in outcome["error"] and not outcome["right"]


def test_a_busy_server_is_asked_again(demo: dict[str, Answering], some: list[tuple[Question, Script]]) -> None:
    question, script = some[0]
    with model_server({question.question: script}, busy=2) as stand:
        assert ask(stand, "gemini", [question], demo)["outcomes"][0]["right"]


def test_a_key_is_in_no_report_and_no_message(
    sample_home: Path,
    some: list[tuple[Question, Script]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The stand-in repeats the key in what it refuses, as a careless server does."""
    question, script = some[0]
    monkeypatch.setenv("MY_KEY", KEY)
    report = tmp_path / "report.json"
    with model_server({question.question: script}) as stand:
        asked = ["run", "--only", question.id, "--home", str(sample_home), "--report", str(report)]
        good = ["--endpoint", stand.address + "/v1", "--api", "openai", "--model", "m", "--key-env", "MY_KEY"]
        assert 0 == command.main([*asked, *good])
        assert 1 == json.loads(report.read_text(encoding="utf-8"))["scores"]["all"]["right"]
        first = report.read_text(encoding="utf-8")
        monkeypatch.setenv("MY_KEY", KEY + "x")
        assert 1 == command.main([*asked, *good])
    told = capsys.readouterr()
    everything = first + report.read_text(encoding="utf-8") + told.out + told.err
    assert KEY + "x" not in everything and "HTTP 400" in told.out
    assert KEY not in first


def test_what_is_missing_is_said_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 2 == command.main(["run", "--api", "local"])
    assert "run needs --model" in capsys.readouterr().out
    assert 2 == command.main(["oracle", "--only", "no.such.question"])
    assert "no question begins with no.such.question" in capsys.readouterr().out
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    assert 2 == command.main(["run", "--api", "anthropic", "--model", "m", "--endpoint", "http://127.0.0.1:9"])
    assert "ANTHROPIC_API_KEY is not set" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "reply", "right"),
    [
        (Answer("number", -10421, ("x",), tolerance=1), "ANSWER: -10,420.6 억원", True),
        (Answer("number", -10421, ("x",), tolerance=1), "ANSWER: 10,421 억원", False),
        (Answer("number", -10421, ("x",), tolerance=1), "ANSWER: −10421", True),
        (Answer("number", 16, ("x",)), "first 12\nANSWER: 15\nANSWER: 16 sessions", True),
        (Answer("number", 16, ("x",)), "It was 16.", False),
        (Answer("number", 16, ("x",)), "ANSWER: sixteen", False),
        (Answer("code", "005930", ("x",)), "answer: `005930` 삼성전자", True),
        (Answer("code", "005930", ("x",)), "ANSWER: 1005930", False),
        (Answer("name", "동성화인텍", ("x",)), "**ANSWER:** 동성 화인텍", True),
        (Answer("date", "2026-02-19", ("x",)), "ANSWER: 2026년 2월 19일", True),
        (Answer("date", "2026-02-19", ("x",)), "ANSWER: 2026-02-91", False),
        (Answer("word", "DISTRIBUTING", ("x",), accept=("분산",)), "ANSWER: 분산(매도 우위)", True),
        (Answer("reason", "NOT_COLLECTED", ("x",)), "ANSWER: NOT_KNOWN NOT_COLLECTED", True),
        (Answer("reason", "NOT_COLLECTED", ("x",)), "ANSWER: NOT_KNOWN MISSING_INPUT", False),
        (Answer("reason", "NOT_COLLECTED", ("x",)), "ANSWER: NOT_COLLECTED", False),
        (Answer("number", 16, ("x",)), "ANSWER: NOT_KNOWN, perhaps 16", False),
    ],
)
def test_an_answer_is_judged_by_its_rule(answer: Answer, reply: str, right: bool) -> None:
    assert right == scoring.replied(answer, reply)


def test_text_shows_a_number_as_it_is_rounded() -> None:
    answer = Answer("number", -10421, ("x",), tolerance=1)
    assert scoring.shown(answer, [-10420.61], "외국인합계  -10,421  -1.30")
    assert not scoring.shown(answer, [-10420.61], "외국인합계  +10,421  -1.30")
    assert not scoring.shown(answer, [-10420.61], "외국인합계  –")


def test_a_path_finds_what_it_names_or_says_what_is_not_there() -> None:
    document = {"rows": [{"code": "005930", "net": 1}, {"code": "000660", "net": None}]}
    assert 1 == paths.find(document, "rows[code=005930].net")
    assert None is paths.find(document, "rows[-1].net")
    with pytest.raises(LookupError, match=r"nothing at '\[code=1\]'"):
        paths.find(document, "rows[code=1].net")
    assert {"stock": "000660", "n": 3} == paths.refer({"stock": "$1.rows[1].code", "n": 3}, [document])
    with pytest.raises(LookupError, match="there are 1 answers"):
        paths.at("$2.rows", [document])


def test_a_wrongly_written_question_is_refused(tmp_path: Path) -> None:
    text = 'id = "{id}"\nlanguage = "{language}"\nquestion = "?"\nsteps = [{{ tool = "x" }}]\ncalls = 1\ntokens = 1\n'
    text += 'answer = {{ rule = "number", value = {value}, of = "x" }}\n'
    for changed, words in (
        ({"language": "fr"}, "'fr' is none of ko, en"),
        ({"value": '"7"'}, "does not fit rule number"),
    ):
        entry = text.format(**({"id": "a", "language": "ko", "value": "7"} | changed))
        (tmp_path / "demo.toml").write_text(f"[[question]]\n{entry}", encoding="utf-8")
        with pytest.raises(ValueError, match=words):
            questions.load(tmp_path)
    good = text.format(id="a", language="ko", value="7")
    (tmp_path / "demo.toml").write_text(f"[[question]]\n{good}[[question]]\n{good}", encoding="utf-8")
    with pytest.raises(ValueError, match="there twice"):
        questions.load(tmp_path)


def test_a_syllable_counts_one_and_four_letters_one() -> None:
    assert (0, 1, 3, 4) == (tokens(""), tokens("ab"), tokens("수급 net"), tokens("삼성전자"))


def test_a_concise_text_is_held_against_a_third_of_the_detailed_text_and_padding_is_no_excuse() -> None:
    """What the structured part costs does not count: many clients show a model the text alone."""
    good = formats.Cost("x", 1, 100, 330, 90, 300, 9000)
    assert good.ok and not replace(good, detailed=290).ok
    assert not replace(good, bare_detailed=260).ok
    assert "MISSED" in formats.table([replace(good, detailed=290)])


@pytest.mark.slow
def test_every_question_is_answerable_within_its_limits(both: dict[str, Answering]) -> None:
    begun = time.perf_counter()
    proofs = oracle.prove(EVERY, both)
    assert {} == {one.id: one.failures for one in proofs if one.failures}
    assert time.perf_counter() - begun < 60
    found = formats.costs(EVERY, proofs, both)
    assert [] == [one.tool for one in found if not one.ok]
    assert {one.tool for one in index().questions.values() if one.tool} == {one.tool for one in found}


@pytest.mark.slow
def test_answers_about_the_simulated_market_are_its_own_rows() -> None:
    """Taken from what the simulator invents, past the lake and the tools."""
    market = SimulatedMarket(lakes.PLAN)
    month = market.sessions[-20:]
    last = month[-1]
    flows = market.rows("investor_day_stock", month[0], last)
    sums = flows.group_by("code").agg(pl.col("foreign_net_amount", "pension_fund_net_amount").sum())
    foreign = dict(zip(sums["code"], sums["foreign_net_amount"], strict=True))
    names = market.rows("instruments", market.sessions[0], last)

    kosdaq = market.rows("investor_day_market", last, last).filter(pl.col("market") == "KOSDAQ")
    assert said("sim.market.kosdaq-individual") == round(kosdaq["individual_net_amount"].item() / 1e8)
    program = market.rows("program_day_market", last, last)["non_arbitrage_net_amount"].sum()
    assert said("sim.program.non-arbitrage") == round(program / 1e8)
    most = sums.sort("pension_fund_net_amount")["code"][-1]
    assert said("sim.rank.pension") == names.filter(pl.col("code") == most)["name"][-1]
    assert said("sim.search.compare") == max(("803130", "839800"), key=lambda code: foreign[code])

    bars = market.rows("daily_bars", last, last).select("code", "amount")
    shorts = market.rows("short_day", last, last).join(bars, on="code")
    first = shorts.sort(pl.col("short_amount") / pl.col("amount"))["code"][-1]
    assert said("sim.short.first-foreign") == round(foreign[first] / 1e8, 2)
    credit = market.rows("credit", last, last).filter(pl.col("code") == first)
    assert said("sim.short.first-credit") == credit["loan_balance_shares"].item()

    held = market.rows("foreign_holding", last, last).filter(pl.col("code") == "803130")
    share = 100 * held["held_shares"].item() / held["listed_shares"].item()
    assert said("sim.ownership.percentage") == round(share, 2)
    slots = market.rows("stock_estimate", last, last).filter(pl.col("code") == "803130").sort("slot")
    assert said("sim.minutes.slot") == slots["foreign_net_volume"][3] - slots["foreign_net_volume"][2]


@pytest.mark.slow
def test_a_scripted_model_gets_every_question_right(both: dict[str, Answering]) -> None:
    played = scripts(EVERY, oracle.prove(EVERY, both))
    with model_server({one.question: script for one, script in zip(EVERY, played, strict=True)}) as stand:
        scores = ask(stand, "anthropic", EVERY, both)["scores"]
    for kind, score in scores.items():
        assert (score["asked"], score["asked"]) == (score["right"], score["right_and_thrifty"]), kind
    assert {"all", "ko", "en", "several_tools", "not_known", "demo", "simulated"} == set(scores)
