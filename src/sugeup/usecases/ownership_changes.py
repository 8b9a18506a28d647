"""보유 비중 변화: how much of a stock foreigners hold, how that changed, and what nobody can know about the others."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from sugeup.archive import Archive
from sugeup.registry import usecase
from sugeup.usecases import doors, ownership_correlation, ownership_filings, ownership_parts, ownership_scene
from sugeup.usecases.answers import Gap
from sugeup.usecases.arguments import Session, StockCode
from sugeup.usecases.ownership_filings import Filed
from sugeup.usecases.ownership_models import Changes, Current, HoldingPeriod, OwnershipChanges, OwnershipData
from sugeup.usecases.ownership_scene import Scene
from sugeup.usecases.ownership_text import rows, text
from sugeup.usecases.wording import moment

Holder = Annotated[
    Literal["FOREIGN", "INSTITUTION", "ALL"],
    BeforeValidator(lambda value: value.strip().upper() if isinstance(value, str) else value),
    Field(description="Only 외국인 is published; 기관 comes as flow-implied change."),
]
Span = Annotated[
    Literal["1M", "3M", "6M", "1Y"],
    BeforeValidator(lambda value: value.strip().upper() if isinstance(value, str) else value),
    Field(description="20, 60, 120, 250 sessions."),
]
Threshold = Annotated[float, Field(ge=0, le=100, description="Smaller changes (%p) are marked below_threshold.")]


@usecase(
    tool="get_ownership_changes",
    path="/ownership-changes",
    verb="ownership-changes",
    title="보유 비중 변화",
    text=text,
    rows=rows,
)
def get_ownership_changes(
    archive: Archive,
    *,
    stock_code: StockCode,
    investor_type: Holder = "ALL",
    period: Span = "3M",
    threshold: Threshold = 1.0,
    session: Session | None = None,
) -> OwnershipChanges:
    """How much of one Korean stock foreigners hold and how that changed (외국인 보유 비중, 한도소진율).

    Level, change split into buying and price, run of days, 5% milestones, correlation with price; newest reports of
    large holders and treasury shares (지분공시). What institutions and individuals hold is not published: null. For who
    trades, use get_investor_trading.
    """
    scene = ownership_scene.load(archive, stock_code, period, session)
    foreign = investor_type in {"FOREIGN", "ALL"}
    others = {"FOREIGN": (), "INSTITUTION": ("institution",), "ALL": ("institution", "individual")}[investor_type]
    filed = ownership_filings.load(archive, scene.security.code, scene.window.session)
    current = {name: ownership_parts.unknown_level(name, filed) for name in others}
    changes = {name: ownership_parts.implied(scene, name, threshold) for name in others}
    if foreign:
        changes["foreign"] = ownership_parts.change(scene, threshold)
    if investor_type == "ALL":
        current["treasury"] = ownership_filings.treasury(scene, filed)
    return OwnershipChanges(
        as_of=moment(scene.as_of),
        generated_at=moment(archive.clock.now()),
        scope="STOCK",
        venue="KRX",
        sources=[*scene.sources, *_sources(archive, scene, filed)],
        provisional=scene.provisional,
        simulated=scene.simulated,
        coverage=_gaps(archive, scene, filed),
        warnings=scene.warnings,
        period=HoldingPeriod(
            name=period,
            start=scene.window.days[scene.first],
            end=scene.window.days[scene.last],
            sessions=len(scene.window.days[scene.span]),
        ),
        threshold=threshold,
        stock_info=ownership_parts.stock(scene),
        ownership_data=OwnershipData(
            current=Current(**({"foreign": ownership_parts.level(scene)} if foreign else {}), **current),
            changes=Changes(**changes),
            filings=ownership_filings.reports(filed),
            historical=ownership_parts.historical(scene),
            milestones=ownership_parts.milestones(scene),
            meta=ownership_parts.about_history(scene),
        ),
        correlation_analysis=ownership_correlation.correlations(scene, ownership_filings.treasury(scene, filed)),
    )


def _sources(archive: Archive, scene: Scene, filed: Filed) -> list[str]:
    """Sources of the reports, as far as they are not those of the holdings."""
    named = [archive.origin(source).name for source in filed.rows["source"].unique().sort()]
    return [one for one in named if one not in scene.sources]


def _gaps(archive: Archive, scene: Scene, filed: Filed) -> list[Gap]:
    gaps = ownership_filings.gaps(filed)
    newest = scene.window.frame.row(-1, named=True)
    if newest["holding_listed"] is None and newest["listed_shares"] is None:
        gaps.append(Gap(what="listed shares", reason="MISSING_INPUT", how=doors.how(archive, "instruments")))
    if newest["limit_shares"] is None:
        gaps.append(
            Gap(
                what="legal limit of foreign holdings (외국인 한도)",
                reason="MISSING_INPUT",
                how="only the exchange's own holding tables have it: KRX 정보데이터시스템 회원 화면 (krx_login); "
                "`sugeup import FILE...`",
            )
        )
    silent = [
        name for name in ("foreign_net_volume",) if scene.window.frame[name].null_count() == len(scene.window.days)
    ]
    if silent:
        gaps.append(
            Gap(what="net purchases of investors", reason="NOT_COLLECTED", how=doors.how(archive, "investor_day_stock"))
        )
    return gaps
