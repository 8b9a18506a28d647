"""The market of awkward securities, made once, whole and with a single session; and a lake without anything."""

from __future__ import annotations

import pytest

from sugeup.archive import Archive
from tests.support.edges import PLAN, Edges, edge_lake, one_session
from tests.support.simulated import open_simulated


@pytest.fixture(scope="session")
def edges(tmp_path_factory: pytest.TempPathFactory) -> Edges:
    """200 sessions in which stocks are listed, split, halted and delisted; tests only read it."""
    return edge_lake(tmp_path_factory.mktemp("edges"))


@pytest.fixture(scope="session")
def single(tmp_path_factory: pytest.TempPathFactory) -> Edges:
    """The same market with its newest session alone."""
    return one_session(tmp_path_factory.mktemp("single"))


@pytest.fixture
def bare(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """A lake without a row, as of the evening after the plan."""
    return open_simulated(tmp_path_factory.mktemp("bare"), PLAN.days()[-1])
