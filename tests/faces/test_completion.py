"""Completion: what a shell is offered for each word, by the protocol that the shells speak and by bash itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sugeup.faces.index import index
from tests.support.required import unavailable

pytestmark = pytest.mark.slow
SUGEUP = str(Path(sys.executable).with_name("sugeup"))


def asked(home: Path, shell: str, words: str) -> subprocess.CompletedProcess[str]:
    """One press of the tab key at the end of `words`."""
    parts = words.split(" ")
    return subprocess.run(
        [SUGEUP],
        env={
            **os.environ,
            "SUGEUP_DATA_DIR": str(home),
            "_SUGEUP_COMPLETE": f"complete_{shell}",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(parts) - 1),
            "_TYPER_COMPLETE_ARGS": words,
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def offered(home: Path, words: str) -> list[str]:
    """What bash is offered."""
    done = asked(home, "bash", words)
    assert (0, "") == (done.returncode, done.stderr)
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("sugeup inv", ["investor-trading"]),
        ("sugeup doc", ["doctor"]),
        ("sugeup store re", ["restore"]),
        ("sugeup --lake s", ["simulated"]),
        ("sugeup --as", ["--as-stored-on"]),
        ("sugeup investor-trading --per", ["--period"]),
        ("sugeup investor-trading --period 2", ["20D"]),
        ("sugeup investor-trading --market K", ["KOSPI", "KOSDAQ"]),
        ("sugeup investor-trading --market kosp", ["kospi"]),
        ("sugeup investor-trading --investor-type F", ["FOREIGN"]),
        ("sugeup market-flows KOSD", ["KOSDAQ"]),
        ("sugeup explain inv.t", ["inv.trend"]),
        ("sugeup import --dataset daily", ["daily_bars"]),
    ],
)
def test_words_are_offered(tmp_path: Path, words: str, expected: list[str]) -> None:
    assert expected == offered(tmp_path, words)


def test_stocks_of_the_chosen_lake_are_offered_by_code_and_by_name(sample_home: Path) -> None:
    for _ in range(2):  # the second time from the kept names
        assert ["005930"] == offered(sample_home, "sugeup --lake demo investor-trading 00593")
        assert {"삼성전자", "삼성전기"} == set(offered(sample_home, "sugeup --lake demo flows 삼성전"))
        assert ["005930"] == offered(sample_home, "sugeup --lake demo investor-trading --stock-code 00593")


def test_the_kept_names_follow_the_lake(sample_home: Path, tmp_path: Path) -> None:
    """Names of yesterday must not stay when the lake got others."""
    shutil.copytree(sample_home / "demo", tmp_path / "demo")
    assert ["005930"] == offered(tmp_path, "sugeup --lake demo flows 00593")
    file = tmp_path / "new.csv"
    file.write_text("code,valid_from,name,market\n005939,2026-01-02,새종목,KOSPI\n")
    environment = {**os.environ, "SUGEUP_DATA_DIR": str(tmp_path)}
    subprocess.run([SUGEUP, "--lake", "demo", "import", str(file)], env=environment, capture_output=True, check=True)
    assert ["005930", "005939"] == offered(tmp_path, "sugeup --lake demo flows 00593")


@pytest.mark.parametrize("lake", ["real", "moon", "demo"])
def test_an_empty_a_wrong_and_a_damaged_lake_offer_nothing(tmp_path: Path, lake: str) -> None:
    """An error while somebody presses the tab key would be written into the command that he types."""
    log = tmp_path / "demo" / "instruments" / "_delta_log"
    log.mkdir(parents=True)
    (log / "00000000000000000000.json").write_text("{")
    assert [] == offered(tmp_path, f"sugeup --lake {lake} flows 00593")


def test_zsh_and_fish_are_told_what_a_word_means(sample_home: Path) -> None:
    assert '"005930":"삼성전자"' in asked(sample_home, "zsh", "sugeup --lake demo flows 00593").stdout
    assert "005930\t삼성전자" == asked(sample_home, "fish", "sugeup --lake demo flows 00593").stdout.strip()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_installed_for_a_shell(tmp_path: Path, shell: str) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    shown, installed = (
        subprocess.run(
            [SUGEUP, option, shell], env=environment, capture_output=True, text=True, timeout=60, check=True
        ).stdout
        for option in ("--show-completion", "--install-completion")
    )
    assert "_SUGEUP_COMPLETE" in shown and shell in installed
    assert any("sugeup" in path.name for path in tmp_path.rglob("*") if path.is_file())


def test_bash_completes_with_the_script_that_is_shown(sample_home: Path) -> None:
    if shutil.which("bash") is None:
        unavailable("bash is needed")
    program = (
        'eval "$(sugeup --show-completion bash)"; COMP_WORDS=(sugeup --lake demo flows 00593); COMP_CWORD=4; '
        '_sugeup_completion sugeup; echo "${COMPREPLY[@]}"'
    )
    environment = {
        **os.environ,
        "PATH": f"{Path(SUGEUP).parent}{os.pathsep}{os.environ['PATH']}",
        "SUGEUP_DATA_DIR": str(sample_home),
        "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
    }
    done = subprocess.run(
        ["bash", "-c", program], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert "005930" == done.stdout.strip(), done.stderr


def test_the_index_knows_every_word_that_is_offered() -> None:
    assert {"get_investor_trading", "get_prices"} <= set(index().questions)
    assert "inv.trend" in index().metrics and "daily_bars" in index().datasets
