"""Pages of the faces: tools and use-cases, the command line, the REST description, and the tool list of the READMEs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

import typer

import docs_index
import sugeup
from docs_text import code, described, kind, limits, page, table
from sugeup import registry
from sugeup.faces import cli, mcp, rest
from sugeup.faces.answering import Answering
from sugeup.faces.index import Index
from sugeup.registry import UseCase
from sugeup.usecases.answers import Answer

WIDTH = 100
_NOBODY = cast(Answering, None)  # descriptions are made without asking anything
_KOREAN = {
    "get_investor_trading": "누가 사고 파는가: 한 종목 또는 시장의 투자자별 순매수와 추세·강도·일관성, 가격과의 관계",
    "get_investor_sentiment": "시장의 투자 심리 점수와 그 구성 요인, 주체별 온도차, 시장 국면",
    "get_market_brief": "한 장으로 보는 시장: 지수, 누가 샀는가, 상위 종목, 쌍끌이, 업종, 프로그램, 공매도",
    "get_ownership_changes": "외국인 보유 비중과 한도소진율, 그 변화와 연속 일수",
    "get_program_trading": "프로그램매매 차익·비차익의 합계, 거래대금 대비, 베이시스, 상위 종목",
    "get_sector_investor_flow": "업종별 외국인·기관 자금과 순환매",
    "get_short_selling": "한 종목 또는 시장의 공매도 비중, 과열 기준과의 거리, 잔고, 대차·신용",
    "get_smart_money_tracker": "시장 전체에서 통계적으로 드문 매수가 있는 종목",
    "get_time_based_flow": "시간대별로 누가 사고 파는가: 시장의 분 단위 누적, 종목의 가집계",
    "rank_flows": "투자자별 순매수·순매도 상위, 연속 순매수, 쌍끌이",
    "search_stock": "종목 이름·초성·코드로 종목코드를 찾는다",
    "get_data_status": "어떤 자료가 어느 출처에서 언제까지 저장되어 있는지",
    "explain_metric": "지표의 정의: 산식, 단위, 구간, null이 되는 조건, 출처",
}


def pages() -> dict[str, str]:
    """Path below docs/ and text."""
    description = rest.application(_NOBODY).openapi()
    return {
        "reference/tools.md": _tools(),
        "reference/cli.md": _command_line(),
        "reference/openapi.json": json.dumps(description, ensure_ascii=False, indent=1) + "\n",
    }


def tool_list(language: str) -> str:
    """The table of tools for a README, in `en` or `ko`."""
    rows = []
    for case in _cases():
        if case.tool:
            said = case.summary if language == "en" else f"{case.title}. {_KOREAN[case.tool]}"
            rows.append([code(case.tool), said, code(f"GET {rest.PREFIX}{case.path}"), code(f"sugeup {case.verb}")])
    header = {"en": ["MCP tool", "question", "REST", "CLI"], "ko": ["MCP 도구", "하는 일", "REST", "CLI"]}
    return table(header[language], rows)


def _cases() -> list[UseCase]:
    """Tools first, then what only REST and the command line offer; each by name."""
    return sorted(registry.usecases().values(), key=lambda case: (case.tool is None, case.tool or case.name))


def _tools() -> str:
    overview = [
        [
            f"[{case.tool or case.name}](#{case.tool or case.name})",
            case.title,
            code(case.tool) or "–",
            code(f"GET {rest.PREFIX}{case.path}"),
            code(f"sugeup {case.verb}"),
        ]
        for case in _cases()
    ]
    envelope = Answer.model_json_schema(mode="serialization")
    return page(
        "Tools: every question on every face",
        "A use-case is one typed function; the three faces are made from it, so that arguments, "
        "checks and answers are the "
        "same. MCP runs over stdio (`sugeup mcp`) and streamable HTTP (`/mcp` of `sugeup serve`); its tools only read. "
        "REST is described in [openapi.json](openapi.json), the command line in [cli.md](cli.md).",
        table(["use-case", "Korean", "MCP tool", "REST", "CLI"], overview),
        "On the command line an argument is an option (`--stock-code 005930`), required ones and the stock are written "
        "without; over REST it is a query parameter unless the path holds it. Every MCP tool has "
        "`response_format` besides: `concise` (default) or `detailed`, which adds every exact figure and the "
        "reason of every empty one to the text.",
        "## What every answer carries",
        _fields(envelope),
        "Beside the values of a block stands `meta`, with an entry for a value that is null, estimated, provisional, "
        "statistical or computed in another way than usual:",
        _fields(envelope["$defs"]["FieldMeta"]) if "FieldMeta" in envelope.get("$defs", {}) else _meta(),
        "What the server tells a client at the start:",
        f"```text\n{mcp.INSTRUCTIONS}\n```",
        *(_case(case) for case in _cases()),
    )


def _meta() -> str:
    from sugeup.usecases.answers import FieldMeta

    return _fields(FieldMeta.model_json_schema())


def _case(case: UseCase) -> str:
    names = [
        ["MCP tool", code(case.tool) if case.tool else "not offered as a tool"],
        ["REST", code(f"GET {rest.PREFIX}{case.path}")],
        ["CLI", code(f"sugeup {case.verb}")],
        ["Python", code(f"sugeup.{case.name}(archive, ...)") if case.name in sugeup.__all__ else ""],
    ]
    schema = case.arguments.model_json_schema()
    required = schema.get("required", [])
    arguments = [
        [
            code(name),
            kind(field).removesuffix(" or null"),
            "required" if name in required else code(_shown(field.get("default"))) or "none",
            " ".join(filter(None, [described(field), limits(field)])),
        ]
        for name, field in schema.get("properties", {}).items()
    ]
    given = table(["argument", "type", "default", "meaning"], arguments) if arguments else "No arguments."
    return "\n\n".join(
        [
            f"## {case.tool or case.name}",
            f"{case.title}. {case.description}",
            table(["", ""], names),
            given,
            _answer(case),
        ]
    )


def _answer(case: UseCase) -> str:
    """The answer's own fields, then those of the models inside it."""
    schema = case.answer.model_json_schema(mode="serialization")
    shared = set(Answer.model_fields)
    own = {name: field for name, field in schema["properties"].items() if name not in shared}
    known = {"FieldMeta", "Gap"}
    parts = ["The answer, besides the envelope:", _fields({"properties": own})]
    for name, inner in sorted(schema.get("$defs", {}).items()):
        if name not in known:
            parts.append(f"`{name}`: {inner.get('description', '')}".rstrip(": "))
            parts.append(_fields(inner))
    return "\n\n".join(parts)


def _fields(schema: dict[str, Any]) -> str:
    rows = [
        [code(name), "see above" if name == "meta" else kind(field), described(field)]
        for name, field in schema.get("properties", {}).items()
    ]
    return table(["field", "type", "meaning"], rows)


def _shown(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def _commands(group: Any, context: Any) -> Iterator[str]:
    """A section for each command of a group, and below a group those of its own."""
    for name in sorted(group.list_commands(context)):
        found = group.get_command(context, name)
        command = getattr(found, "real", found)
        inner = command.context_class(command, info_name=name, parent=context, terminal_width=WIDTH, color=False)
        yield f"## {inner.command_path}\n\n```text\n{command.get_help(inner)}\n```"
        if hasattr(command, "list_commands"):
            yield from _commands(command, inner)


def _command_line() -> str:
    group = cast(Any, typer.main.get_command(cli.application(Index.parsed(docs_index.text()))))
    root = group.context_class(group, info_name="sugeup", terminal_width=WIDTH, color=False)
    parts = [f"```text\n{group.get_help(root)}\n```", *_commands(group, root)]
    return page(
        "The command line",
        "What `--help` prints, at a width of 100. Answers go to the standard output, everything else "
        "to the error stream; "
        "exit codes are in [errors.md](errors.md). Figures with a sign are red when bought and blue when sold, as on "
        "Korean screens.",
        *parts,
    )
