"""The command line under random words: an answer, or one message with the code and the exit code of the table."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sugeup.faces import cli
from sugeup.faces.index import Question, index
from tests.torture.fuzzing import ENDED, SCALE, cases, counting, finite, fits, in_time, table, text, value

pytestmark = pytest.mark.torture
__all__ = ["counting"]  # a fixture that every module of this kind uses

SERVING = {"serve", "mcp", "demo", "store", "--install-completion", "--show-completion"}
"""What would not end, or would change this machine."""
OPTIONS = ["--json", "--csv", "--detailed", "--help", "--version", "--lake", "--no-such", "-x", "--", "--once"]
word = text.filter(lambda given: given not in SERVING)


@pytest.fixture(scope="module", autouse=True)
def _home(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the sample that the commands of this module work on, and a folder to work in."""
    home = tmp_path_factory.mktemp("fuzz")
    shutil.copytree(sample_home / "demo", home / "demo")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SUGEUP_DATA_DIR", str(home))
        patched.setenv("SUGEUP_LAKE", "demo")
        patched.chdir(home)
        yield home


def run(arguments: list[str]) -> tuple[int, str, str]:
    """Exit code and output of one command, in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="strict") for _ in range(2))
    with in_time(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = cli.run(arguments)
        out.flush()
        err.flush()
    return status, *(stream.buffer.getvalue().decode() for stream in (out, err))  # type: ignore[attr-defined]


def held(arguments: list[str], status: int, out: str, err: str, question: Question | None = None) -> None:
    """What every command must do."""
    assert "Traceback" not in err and "INTERNAL" not in err, err
    if status:
        if "doctor" in arguments and not err:
            assert status in {74, 78}
            ENDED[f"doctor {status}"] += 1
            return
        as_json = "--json" in arguments
        code = finite(err.strip().splitlines()[-1])["error"]["code"] if as_json else err.partition(":")[0]
        assert code in table(), err
        ENDED[code] += 1
        assert status == table()[code][1], err
        if "import" not in arguments:
            assert not out
        return
    ENDED["OK"] += 1
    if question is None or "--help" in arguments or "--version" in arguments:
        return
    if "--json" in arguments:
        fits(question.name, finite(out))
    elif "--csv" in arguments:
        rows = list(csv.reader(io.StringIO(out)))
        assert len({len(row) for row in rows if row}) <= 1
        assert not {"nan", "inf", "-inf", "NaN", "None"} & {cell for row in rows for cell in row}


@given(data=st.data())
@cases("cli", 0.6)
def test_options_that_are_nearly_right(data: st.DataObject) -> None:
    """Values at the edge of what is allowed come further than random ones."""
    question = index().questions[data.draw(st.sampled_from(sorted(index().questions)))]
    words = [question.verb]
    for one in question.arguments:
        if one.required:
            words.append(data.draw(value(one.name)))
        elif data.draw(st.booleans()):
            flag = f"--{one.name.replace('_', '-')}"
            words += [flag] if one.flag else [flag, data.draw(value(one.name))]
    words += data.draw(st.lists(st.sampled_from(OPTIONS[:3]), max_size=1))
    held(words, *run(words), question)


@given(data=st.data())
@cases("cli", 0.4)
def test_words_of_any_kind(data: st.DataObject) -> None:
    """A shell passes on whatever was typed, pasted or produced by a script."""
    verbs = [question.verb for question in index().questions.values()]
    verb = data.draw(st.one_of(st.sampled_from([*verbs, "calendar", "import", "doctor"]), word))
    before = data.draw(
        st.sampled_from([[], ["--lake", "demo"], ["--lake", "real"], ["--as-stored-on", "2026-01-01"]])
        | st.lists(word, max_size=1)
        | word.map(lambda given: ["--as-stored-on", given])
    )
    after = data.draw(st.lists(st.one_of(word, st.sampled_from(OPTIONS)), max_size=4))
    words = [*before, verb, *after]
    held(words, *run(words))


@given(words=st.lists(st.one_of(word, st.sampled_from(["status", "search", "calendar", *OPTIONS[:3]])), max_size=4))
@cases("cli", {"ci": 0.05, "full": 0.01}[SCALE])
def test_processes(words: list[str]) -> None:
    """The same through a real process, whose streams have an encoding and whose words are bytes."""
    plain = [given.replace("\x00", "")[:50_000] for given in words if given]
    done = subprocess.run(
        [sys.executable, "-m", "sugeup", *plain], env={**os.environ, "COLUMNS": "80"}, capture_output=True, check=False
    )
    held(plain, done.returncode, done.stdout.decode(), done.stderr.decode())
