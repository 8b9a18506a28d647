"""`python -m evals oracle|tokens|run`, from the root of the repository; see docs/evals.md."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from evals import formats, lakes, oracle, questions, running
from evals.agent import Model, Outcome
from evals.wires import WIRES
from sugeup.faces.answering import Answering


def main(given: Sequence[str] | None = None) -> int:
    """Returns 0 when everything held, 1 when something failed, 2 when nothing was asked or a key is missing."""
    asked = _parser().parse_args(given)
    chosen = questions.choose(asked.only, asked.lake, asked.language)
    if not chosen:
        _say(f"no question begins with {', '.join(asked.only)} on this lake and in this language")
        return 2
    if asked.command == "run" and not asked.model:
        _say("run needs --model, the name that the model's server knows it by")
        return 2
    if asked.command == "run" and _key(asked) is None and _key_name(asked) is not None:
        _say(f"{_key_name(asked)} is not set: the key of {asked.api} is read from the environment")
        return 2
    with ExitStack() as stack:
        home = asked.home or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        opened: dict[str, Answering] = {one.lake: lakes.answering(one.lake, home) for one in _lake_each(chosen)}
        commands = {"oracle": _oracle, "tokens": _tokens, "run": _run}
        return commands[str(asked.command)](asked, chosen, opened)


def _oracle(asked: argparse.Namespace, chosen: Sequence[questions.Question], opened: dict[str, Answering]) -> int:
    proofs = oracle.prove(chosen, opened, asked.era)
    for question, proof in zip(chosen, proofs, strict=True):
        if proof.failures or asked.all:
            state = "FAILED" if proof.failures else "ok    "
            spent = f"{proof.calls} of {question.calls} calls, {proof.tokens} of {question.tokens} tokens"
            _say(f"{state} {proof.id}: {proof.found!r}, {spent}{''.join(f'; {one}' for one in proof.failures)}")
    failed = sum(bool(one.failures) for one in proofs)
    calls, cost = sum(one.calls for one in proofs), sum(one.tokens for one in proofs)
    _say(f"{len(proofs) - failed} of {len(proofs)} questions answered, {calls} calls, {cost:,} tokens of answers")
    return 1 if failed else 0


def _tokens(asked: argparse.Namespace, chosen: Sequence[questions.Question], opened: dict[str, Answering]) -> int:
    found = formats.costs(chosen, oracle.prove(chosen, opened), opened)
    _say(formats.table(found))
    return 0 if all(one.ok for one in found) else 1


def _run(asked: argparse.Namespace, chosen: Sequence[questions.Question], opened: dict[str, Answering]) -> int:
    model = Model(asked.endpoint, asked.model, _key(asked))

    def tell(one: Outcome) -> None:
        state = "error" if one.error else ("right" if one.right else "wrong")
        said = one.error or f"{one.answer!r}, expected {one.expected!r}"
        _say(f"{state} {one.id}: {said}, {len(one.called)} calls, {one.tool_tokens} tokens, {one.seconds:.1f} s")

    outcomes = running.ask_all(chosen, opened, WIRES[asked.api](), model, tell)
    found = running.report(chosen, outcomes, asked.api, model)
    asked.report.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    for kind, score in found["scores"].items():
        _say(f"{kind}: {score['right']} of {score['asked']} right, {score['right_and_thrifty']} within the limits")
    _say(f"report: {asked.report}")
    return 1 if any(one.error for one in outcomes) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals", description=__doc__)
    parser.add_argument("command", choices=("oracle", "tokens", "run"))
    parser.add_argument(
        "--only", nargs="*", default=[], metavar="ID", help="beginnings of ids; default: every question"
    )
    parser.add_argument("--lake", choices=("demo", "simulated"))
    parser.add_argument("--language", choices=("ko", "en"))
    parser.add_argument("--home", type=Path, help="folder that keeps the two lakes; default: made anew, then removed")
    parser.add_argument("--all", action="store_true", help="oracle: print what was found for every question")
    parser.add_argument("--era", choices=("auto", "legacy"), default="auto", help="oracle: protocol revision")
    parser.add_argument("--endpoint", default="http://127.0.0.1:11434/v1", help="run: address of the model's server")
    parser.add_argument("--model", default="", help="run: name of the model")
    parser.add_argument("--api", choices=tuple(WIRES), default="local", help="run: format that the server speaks")
    parser.add_argument("--key-env", help="run: environment variable that holds the key; default: that of the API")
    parser.add_argument("--report", type=Path, default=Path("evals-report.json"), help="run: where the report goes")
    return parser


def _lake_each(chosen: Sequence[questions.Question]) -> list[questions.Question]:
    """One question of each lake."""
    return list({one.lake: one for one in chosen}.values())


def _key_name(asked: argparse.Namespace) -> str | None:
    name: str | None = asked.key_env or WIRES[asked.api]().key_name
    return name


def _key(asked: argparse.Namespace) -> str | None:
    name = _key_name(asked)
    return (os.getenv(name) or None) if name else None


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
