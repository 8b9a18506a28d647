from __future__ import annotations

from pathlib import Path

import pytest

from sugeup.archive import Archive
from tests.support.lakes import archive_in


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return archive_in(tmp_path)
