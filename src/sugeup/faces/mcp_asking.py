"""Asking the user which stock was meant: where a name fits several, a client that can ask shows them to choose from.

Works in both protocol revisions: the newer one answers the call with the question, the older one sends it during the
call. A client that cannot ask, and a user who does not choose, get the error with suggestions that everybody gets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import anyio.to_thread
from mcp.server.elicitation import AcceptedElicitation
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resolve import Elicit, Resolve, build_resolver_plans
from mcp_types.version import is_version_at_least
from pydantic import AfterValidator, BaseModel, Field, create_model

from sugeup.errors import Refused, SugeupError
from sugeup.faces.answering import Answering
from sugeup.market import instruments

ARGUMENT = "stock_code"
_QUESTION_IN_ANSWER = "2026-07-28"
"""The first revision in which a question to the user is the answer of a call."""


def resolving(answering: Answering) -> dict[str, Any]:
    """Fields of a `Tool` whose function takes `asked` (the arguments) and `stock` (what the user chose, or None)."""
    params = {"stock": (Resolve(_resolver(answering)), True)}
    return {"resolved_params": params, "resolver_plans": build_resolver_plans(params, {"asked"})}


def chosen(asked: dict[str, Any], stock: Any) -> dict[str, Any]:
    """The arguments, with the stock that the user chose in place of the name that fits several."""
    if isinstance(stock, AcceptedElicitation) and stock.data is not None:
        return asked | {ARGUMENT: stock.data.stock_code}
    return asked


def question(typed: str, found: Sequence[dict[str, str]]) -> Elicit[BaseModel]:
    """The question to the user: the stocks by name, of which one is chosen."""
    codes = {one["code"]: f"{one['name']} ({one['code']})" for one in found}

    def known(code: str) -> str:
        if code not in codes:
            raise ValueError(f"it must be one of {', '.join(codes)}")
        return code

    options: Any = {"oneOf": [{"const": code, "title": title} for code, title in codes.items()]}
    field = Field(title="종목 Stock", description="종목을 고르세요. Choose the stock.", json_schema_extra=options)
    schema = create_model("WhichStock", stock_code=(Annotated[str, AfterValidator(known)], field))
    return Elicit(f"'{typed[:40]}'에 맞는 종목이 여럿입니다. Several stocks fit: which one do you mean?", schema)


def candidates(answering: Answering, typed: str) -> list[dict[str, str]]:
    """Stocks that a text may mean, best first; none where it names one, or nothing at all."""
    from sugeup.usecases import securities

    try:
        securities.resolve(answering.app.archive, typed)
    except Refused as error:
        found: list[dict[str, str]] = error.details.get("suggestions", [])
        return found
    except SugeupError:
        pass
    return []


def _resolver(answering: Answering) -> Callable[..., Any]:
    async def which_stock(asked: dict[str, Any], context: Context[Any, Any]) -> Elicit[BaseModel] | None:
        typed = asked.get(ARGUMENT)
        if not isinstance(typed, str) or not typed.strip() or not _can_ask(context):
            return None
        if instruments.normalise(typed) is not None:
            return None
        found = await anyio.to_thread.run_sync(candidates, answering, typed)
        return question(typed.strip(), found) if len(found) > 1 else None

    which_stock.__qualname__ = "which_stock"  # part of the key under which clients answer
    return which_stock


def _can_ask(context: Context[Any, Any]) -> bool:
    """Whether the client shows forms to its user, and can be sent one on this connection."""
    version = context.protocol_version
    able = None if version is None else context.client_capabilities
    asking = None if able is None else able.elicitation
    if version is None or asking is None or (asking.form is None and asking.url is not None):
        return False
    return is_version_at_least(version, _QUESTION_IN_ANSWER) or context.session.can_send_request
