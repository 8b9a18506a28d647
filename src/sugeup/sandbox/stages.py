"""단계: the stages in which a plan is carried out, each made when it is first asked for.

Stocks and what happens to them; hidden states; what is planted; prices; trades; what follows the trades.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property

from sugeup.sandbox import accounting, events
from sugeup.sandbox.accounting import Trades
from sugeup.sandbox.activity import Activity, activity, with_planted
from sugeup.sandbox.flows import net_parts
from sugeup.sandbox.followers import Followers, followers
from sugeup.sandbox.indices import Indices, indices
from sugeup.sandbox.leverage import Leverage, leverage
from sugeup.sandbox.lifecycle import Lifecycle, lifecycle
from sugeup.sandbox.marks import Marks, marks
from sugeup.sandbox.plan import Plan
from sugeup.sandbox.prices import Prices, prices
from sugeup.sandbox.universe import Flags, Universe, universe


class Stages:
    """The arrays of a plan by session and stock."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.sessions: tuple[date, ...] = plan.days()

    @cached_property
    def stocks(self) -> Universe:
        """The stocks, listed ones and those that come or go within the plan."""
        return universe(self.plan)

    @cached_property
    def life(self) -> Lifecycle:
        """Listings, splits and halts."""
        return lifecycle(self.plan, self.stocks)

    @cached_property
    def planted(self) -> events.Planted:
        """What was planted, and its labels."""
        return events.plant(self.plan, self.sessions, self.stocks, self.life, self.organic)

    @cached_property
    def organic(self) -> Activity:
        """Activity and wanted returns before anything is planted."""
        return activity(self.plan, self.stocks)

    @cached_property
    def states(self) -> Activity:
        """Activity and wanted returns."""
        return with_planted(self.organic, self.plan, self.stocks, self.planted.impulses)

    @cached_property
    def priced(self) -> Prices:
        """Prices and volumes."""
        return prices(self.plan, self.sessions, self.stocks, self.life, self.states)

    @cached_property
    def trades(self) -> Trades:
        """What every leaf bought and sold."""
        parts = net_parts(self.plan, self.stocks, self.states, self.planted.impulses)
        return accounting.settle(self.plan, self.stocks, self.priced, parts)

    @cached_property
    def followed(self) -> Followers:
        """Programme trading, short selling, foreign holding."""
        return followers(
            self.plan, self.stocks, self.life, self.priced, self.states, self.trades, self.planted.impulses
        )

    @cached_property
    def levels(self) -> Indices:
        """Indices and the index future."""
        return indices(self.plan, self.sessions, self.stocks, self.life, self.priced)

    @cached_property
    def owed(self) -> Leverage:
        """Lending, credit, market funds."""
        return leverage(self.plan, self.stocks, self.life, self.priced, self.trades, self.followed, self.levels)

    @cached_property
    def marked(self) -> Marks:
        """Designations."""
        return marks(self.stocks, self.life, self.priced, self.followed)

    @property
    def traded(self) -> Flags:
        """Listed and not halted, by session and stock."""
        return self.life.listed & ~self.life.halted
