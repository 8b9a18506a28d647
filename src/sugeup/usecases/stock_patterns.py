"""패턴: what happened in one stock by the session asked for, in neutral words, and what no daily figure can show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sugeup.archive import Archive
from sugeup.errors import NoData
from sugeup.market import investors
from sugeup.metrics import patterns, statistics
from sugeup.registry import usecase
from sugeup.research import validation
from sugeup.usecases import adjusted_bars, candle_marks, daily_scope, doors, securities, standing
from sugeup.usecases.adjusted_bars import AdjustedBars
from sugeup.usecases.answers import Answer, FieldMeta, Gap, Meta, Shown
from sugeup.usecases.arguments import Session, StockCode
from sugeup.usecases.candle_marks import CandleMark
from sugeup.usecases.daily_scope import Scope
from sugeup.usecases.investor_blocks import Draft
from sugeup.usecases.stock_patterns_text import rows, text
from sugeup.usecases.windows import SEOUL

SPAN = 10
"""Sessions of an accumulation or a distribution."""
ALPHA = 0.10
_NOTHING = "looked, and found neither"
_SMART = ("foreign", "institution", "other_corporation")
_UNSEEN = {
    "front_running": ("NOT_AVAILABLE_FROM_SOURCE", "needs to know whose order came first; no source names the owner"),
    "iceberg_orders": ("NOT_AVAILABLE_FROM_SOURCE", "needs each order of the book (호가), which is not published"),
    "window_dressing": (
        "OUT_OF_SCOPE",
        "윈도드레싱 compares winners with losers of a quarter over the whole market, after its end; one stock cannot "
        "show it (pat.window_dressing)",
    ),
}


class Accumulation(Shown):
    """매집·분산 by one group over 10 sessions: share of turnover against its past year, and days on one side."""

    pattern: Literal["ACCUMULATION", "DISTRIBUTION"] | None
    percentile: float | None = Field(description="0-100, of net / turnover among 250 earlier windows.")
    same_sign_days: int | None
    sign_p: float | None = Field(description="Chance of so many days on one side; p_adj is in meta.")
    significant: bool | None = Field(description="A pattern with adjusted p of at most 0.10.")
    cum_net: int | None = Field(description="Σ net; the unit is in meta.")
    cum_excess_pct: float | None = Field(description="Return ahead of the index over the window, %.")
    meta: Meta


class SurgeDump(Shown):
    """급등·개인 순매수 집중: a steep rise on volume that individuals bought and the others sold. Accuses nobody."""

    pattern: Literal["SURGE", "DUMP"] | None
    surge_pct: float | None = Field(description="Steepest 5-session rise ahead of the index in 10 sessions, %.")
    volume_ratio: float | None
    drawdown_pct: float | None
    confidence: float | None
    meta: Meta


class LiquiditySweep(Shown):
    """전저점·전고점 이탈 후 복귀: through an old low or high on volume, and back on the same day."""

    pattern: Literal["DOWN_SWEEP", "UP_SWEEP"] | None
    depth_atr: float | None
    volume_z: float | None
    confidence: float | None
    meta: Meta


class CandlePatterns(Shown):
    """캔들 패턴 that end on the session."""

    found: list[CandleMark] | None
    meta: Meta


class Unseen(Shown):
    """Patterns that the data cannot show, always null with the reason."""

    front_running: str | None
    iceberg_orders: str | None
    window_dressing: str | None
    meta: Meta


class StockPatterns(Answer):
    """Patterns of one stock on one session; `accumulation` by investor."""

    code: str
    name: str | None
    market: str | None
    session: date
    accumulation: dict[str, Accumulation]
    surge_dump: SurgeDump
    liquidity_sweep: LiquiditySweep
    candles: CandlePatterns
    not_observable: Unseen


@dataclass(frozen=True)
class Sight:
    """Bars, flows of the same sessions (None: not stored, `silent` says why) and closes of the index of the market."""

    bars: AdjustedBars
    scope: Scope | None
    index: NDArray[np.float64]
    silent: str

    def net(self, name: str) -> NDArray[np.float64]:
        """Net of a group on every session of the bars, NaN where it is not known."""
        found = np.full(len(self.bars.window.days), np.nan)
        if self.scope is not None and self.scope.scene.basis is not None:
            history = self.scope.scene.net(name)[0]
            found[len(found) - len(history) :] = history
        return found


@usecase(path="/stocks/{stock_code}/patterns", verb="patterns", title="패턴", text=text, rows=rows)
def get_stock_patterns(archive: Archive, *, stock_code: StockCode, session: Session | None = None) -> StockPatterns:
    """Patterns of flow and price in one Korean stock (패턴) on one session: what happened, never what was intended.

    Accumulation and distribution by group (매집·분산), surge on individual buying (급등), sweep of an old low or high,
    candlesticks; front running, iceberg orders and window dressing are null with the reason.
    """
    security = securities.resolve(archive, stock_code)
    chosen = adjusted_bars.chosen(archive, security, session, also="investor_day_stock")
    bars = adjusted_bars.load(archive, security, chosen)
    index, indexed = adjusted_bars.index_closes(archive, security.market, bars.window)
    gaps, scope, silent = [], None, ""
    try:
        scope = daily_scope.load(archive, security.code, "ALL", chosen, SPAN)
    except NoData as error:
        silent = f"no trading by investor is stored for {chosen}"
        how = error.hint or doors.how(archive, "investor_day_stock")
        gaps.append(Gap(what="trading by investor (투자자별 매매동향)", reason="NOT_COLLECTED", how=how))
    sight = Sight(bars, scope, index, silent)
    if np.isnan(index[-SPAN:]).all():
        how = doors.how(archive, "index_day")
        what = f"index of {security.market or 'the market, which is not known,'} for returns ahead of it"
        gaps.append(Gap(what=what, reason="MISSING_INPUT", how=how))
    about = bars.envelope(archive, warnings=_warnings(archive, sight, asked=session is not None), coverage=gaps)
    flows = [] if scope is None else scope.sources
    names = [*about["sources"], *flows, *(archive.origin(one).name for one in indexed)]
    about["sources"] = list(dict.fromkeys(names))
    if scope is not None:
        about["provisional"] |= not scope.period_rows["final"].all()
        about["simulated"] |= scope.simulated
    return StockPatterns(
        **about,
        code=security.code,
        name=security.name,
        market=security.market,
        session=chosen,
        accumulation=_accumulation(sight),
        surge_dump=_surge(sight),
        liquidity_sweep=_sweep(bars),
        candles=_candles(bars),
        not_observable=Unseen(
            **dict.fromkeys(_UNSEEN),
            meta={name: FieldMeta(reason=why, note=note) for name, (why, note) in _UNSEEN.items()},
        ),
    )


def _warnings(archive: Archive, sight: Sight, *, asked: bool) -> list[str]:
    said = adjusted_bars.about(sight.bars)
    if sight.scope is not None:
        said += [warning for warning in sight.scope.warnings if warning not in said]
    age = archive.clock.now().astimezone(SEOUL).date() - sight.bars.session
    if asked:
        return said
    stale = [f"The newest figures are of {sight.bars.session}, {age.days} days ago."] if age.days > 7 else []
    about = sight.bars.security
    stale += standing.since(archive, about.code, about.delisted_on, sight.bars.session)
    return [*said, *(one for one in stale if one not in said)]


def _accumulation(sight: Sight) -> dict[str, Accumulation]:
    if sight.scope is None or sight.scope.scene.basis is None:
        note = sight.silent or (sight.scope.scene.silent if sight.scope else "")
        return {name: _unknown(note) for name in investors.GROUPS}
    scene = sight.scope.scene
    nets = np.concatenate([scene.net(name) for name in investors.GROUPS])
    excess = scene.window.history("ret") - adjusted_bars.moves(sight.index)[-nets.shape[1] :]
    found = patterns.accumulation(nets, scene.turnover(), excess, window=SPAN, last=1)
    torn = scene.torn(SPAN) if scene.basis == "VOLUME" else None
    cells = {name: scene.told(found.at(row, -1)) for row, name in enumerate(investors.GROUPS)}
    chances = [np.nan if cells[name]["sign_p"] is None else cells[name]["sign_p"] for name in cells]
    adjusted = statistics.bh_adjust(chances)
    told = {}
    for row, name in enumerate(investors.GROUPS):
        cell = cells[name]
        if torn is not None:
            told[name] = _unknown(torn["note"], "CORPORATE_ACTION_GAP")
        elif scene.failed:
            told[name] = _unknown("the groups do not add to zero", "RECONCILIATION_FAILED")
        else:
            told[name] = _group(sight, name, cell, adjusted.at(row)["value"])
    return told


def _group(sight: Sight, name: str, cell: dict[str, Any], p_adj: float | None) -> Accumulation:
    assert sight.scope is not None
    scene, draft = sight.scope.scene, Draft({}, {})
    why = cell.get("reason")
    about = {"window": f"{SPAN}D", "metric": "pat.accumulation", "method": scene.method}
    note = _NOTHING if why == "NO_PATTERN" else None
    if why == "MISSING_INPUT" and cell["cum_net"] is not None:
        note = "the return ahead of the index is not known on a session of the window"
    draft.put("pattern", cell["value"], reason=why, note=note, n=int(np.isfinite(sight.net(name)).sum()), **about)
    parts = {"percentile": 1, "same_sign_days": None, "sign_p": 4, "cum_net": 0, "cum_excess_ret": 4}
    for part, digits in parts.items():
        value = cell[part]
        reason, said = (None, None) if value is not None else (why or "MISSING_INPUT", note)
        if value is not None and digits is not None:
            value = round(float(value), digits) if digits else round(float(value))
        if part == "cum_excess_ret":
            value = None if value is None else round(100 * value, 2)
            draft.put("cum_excess_pct", value, unit="%", window=f"{SPAN}D", reason=reason, note=said)
        elif part == "cum_net":
            unit = "won" if scene.basis == "AMOUNT" else "shares"
            draft.put(part, value, unit=unit, reason=reason, note=said, **about)
        elif part == "sign_p":
            draft.put(part, value, reason=reason, note=said, n=SPAN, p_adj=p_adj and round(p_adj, 4), **about)
        else:
            draft.put(part, value, reason=reason, note=said, **about)
    known = cell["value"] is not None or why == "NO_PATTERN"
    significant = cell["value"] is not None and p_adj is not None and p_adj <= ALPHA
    note = f"adjusted over {len(investors.GROUPS)} groups (Benjamini-Hochberg)" if known else note
    draft.put("significant", significant if known else None, reason=None if known else why, note=note)
    return Accumulation(**draft.values, meta=draft.meta)


def _unknown(note: str, reason: str = "MISSING_INPUT") -> Accumulation:
    draft = Draft({}, {})
    for name in Accumulation.model_fields:
        if name != "meta":
            draft.put(name, None, reason=reason, note=note)
    return Accumulation(**draft.values, meta=draft.meta)


def _surge(sight: Sight) -> SurgeDump:
    bars = sight.bars
    smart = sum((sight.net(name) for name in _SMART), np.zeros(len(bars.window.days)))
    cell = patterns.surge_dump(bars.close, bars.volume, smart, sight.net("individual"), sight.index, last=1).at(-1)
    told = bars.told(cell)
    note = _NOTHING if told["reason"] == "NO_PATTERN" else None
    if told["reason"] == "MISSING_INPUT":
        note = sight.silent or "a price, a flow or the index of a session of the window is not stored"
    draft = Draft({}, {})
    about = {"window": "30D", "metric": "pat.surge_dump"}
    draft.put("pattern", told["value"], reason=told["reason"], note=note, **about)
    for field, part, scale, unit in (
        ("surge_pct", "surge", 100, "%"),
        ("volume_ratio", "volume_ratio", 1, "ratio"),
        ("drawdown_pct", "drawdown", 100, "%"),
    ):
        _part(draft, field, told, part, scale, unit, note, about)
    _uncalibrated(draft)
    return SurgeDump(**draft.values, meta=draft.meta)


def _sweep(bars: AdjustedBars) -> LiquiditySweep:
    cell = patterns.liquidity_sweep(bars.open, bars.high, bars.low, bars.close, bars.volume, last=1).at(-1)
    told, draft = bars.told(cell), Draft({}, {})
    note = _NOTHING if told["reason"] == "NO_PATTERN" else None
    about = {"window": "20D", "metric": "pat.liquidity_sweep"}
    draft.put("pattern", told["value"], reason=told["reason"], note=note, **about)
    _part(draft, "depth_atr", told, "depth_atr", 1, "ATR", note, about)
    _part(draft, "volume_z", told, "volume_z", 1, "z", note, about)
    _uncalibrated(draft)
    return LiquiditySweep(**draft.values, meta=draft.meta)


def _part(
    draft: Draft,
    field: str,
    told: dict[str, Any],
    part: str,
    scale: float,
    unit: str,
    note: str | None,
    about: dict[str, str],
) -> None:
    value = told[part]
    if value is not None:
        draft.put(field, round(scale * value, 2), unit=unit, **about)
    else:
        why = told["reason"] if told["reason"] != "NO_PATTERN" else "MISSING_INPUT"
        draft.put(field, None, unit=unit, reason=why, note=note if why == told["reason"] else None, **about)


def _uncalibrated(draft: Draft) -> None:
    note = "a pattern without a side predicts nothing, so there is no event to be calibrated on"
    draft.put("confidence", None, reason="UNCALIBRATED", note=note)
    if draft.values.get("pattern") is not None:
        draft.meta["pattern"] = draft.meta["pattern"].model_copy(
            update={"note": validation.of(str(draft.values["pattern"])).sentence}
        )


def _candles(bars: AdjustedBars) -> CandlePatterns:
    draft = Draft({}, {})
    candle_marks.enter(draft, "found", bars, candle_marks.labels(bars), -1, -1)
    return CandlePatterns(**draft.values, meta=draft.meta)
