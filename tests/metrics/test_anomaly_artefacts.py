"""A model on disk: every digit comes back, the bytes are always the same, and damage is told."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sugeup.errors import Refused
from sugeup.metrics import anomaly_models as models
from sugeup.metrics.anomaly_artefacts import from_bytes, to_bytes
from tests.metrics.test_anomaly_models import NAMES, fitted, ordinary, stump

MODEL = models.calibrated(fitted(), ordinary(100, 9), NAMES)


@pytest.mark.parametrize("model", [MODEL, fitted(), stump()], ids=["distance", "not-calibrated", "forest"])
def test_a_model_comes_back_bit_for_bit(model: models.AnomalyModel) -> None:
    data = to_bytes(model)
    again = from_bytes(data)
    assert data == to_bytes(again)
    for field in fields(models.AnomalyModel):
        before, after = getattr(model, field.name), getattr(again, field.name)
        if field.name == "parts":
            assert {name: part.tobytes() for name, part in before.items()} == {n: p.tobytes() for n, p in after.items()}
        elif isinstance(before, np.ndarray):
            assert (before.dtype, before.tobytes()) == (after.dtype, after.tobytes())
        else:
            assert before == after
    today = ordinary(30, 10)[:, : len(model.features)]
    assert (
        models.scores(model, today, model.features).tobytes() == models.scores(again, today, model.features).tobytes()
    )


def test_the_document_names_its_features_its_window_and_its_version() -> None:
    document = json.loads(to_bytes(MODEL))
    assert ("sugeup.anomaly", 1) == (document["format"], document["version"])
    assert list(NAMES) == document["body"]["features"]
    assert {"first": "2025-01-02", "last": "2025-12-30", "rows": 5000} == document["body"]["window"]


@given(st.integers(0, 10**6), st.integers(32, 126))
@settings(max_examples=80, deadline=None)
def test_a_changed_byte_is_told_and_never_scored(place: int, byte: int) -> None:
    data = bytearray(to_bytes(MODEL))
    before = data[place % len(data)]
    data[place % len(data)] = byte
    if bytes([before]).isspace() or before == byte:
        return
    with pytest.raises(Refused, match="cannot be read"):
        from_bytes(bytes(data))


def rewritten(**changes: Any) -> bytes:
    """The document with other values in its body and a checksum that agrees."""
    from sugeup.metrics.anomaly_artefacts import _checksum

    document = json.loads(to_bytes(MODEL))
    document["body"] |= changes
    return json.dumps(document | {"sha256": _checksum(document["body"])}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x04pickle",
        b"[]",
        b"{}",
        to_bytes(MODEL)[:-200],
        rewritten(kind="LSTM"),
        rewritten(features=["one"]),
        rewritten(parts={}),
        rewritten(calibration={"dtype": "|O8", "shape": [1], "data": ""}),
        rewritten(calibration={"dtype": "<f8", "shape": [7], "data": "eJwDAAAAAAE="}),
        rewritten(window=None),
        b"[" * 100_000,
    ],
)
def test_what_is_no_model_is_refused_with_the_way_out(data: bytes) -> None:
    with pytest.raises(Refused, match="cannot be read") as refused:
        from_bytes(data)
    assert "Fit the model anew" in (refused.value.hint or "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"left": np.array([1, 0, 3, 3, 4, 5], np.int32)},  # a walk that never ends
        {"right": np.array([2, 1, 9, 3, 4, 5], np.int32)},
        {"feature": np.full(6, 1, np.int16)},
        {"roots": np.array([6], np.int32)},
        {"path": np.zeros(5)},
        {"usual": np.zeros(0)},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_forest_that_leads_nowhere_is_not_walked(wrong: dict[str, np.ndarray]) -> None:
    broken = replace(stump(), parts={**stump().parts, **wrong})
    with pytest.raises(Refused, match="do not belong together"):
        from_bytes(to_bytes(broken))


def test_a_later_version_is_named() -> None:
    document = json.loads(to_bytes(MODEL)) | {"version": 2}
    with pytest.raises(Refused, match=r"version 2, cannot be read; allowed: 'sugeup.anomaly', 1"):
        from_bytes(json.dumps(document).encode())
