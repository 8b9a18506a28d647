"""A frozen anomaly model as bytes and back (모형 저장 형식): one JSON document, no pickle, the same bytes each time."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sugeup.errors import Refused
from sugeup.metrics.anomaly_models import ISOLATION_FOREST, MAHALANOBIS, AnomalyModel

FORMAT = "sugeup.anomaly"
VERSION = 1
TYPES = ("<f8", "<i4", "<i2")
PARTS = {
    MAHALANOBIS: {"location", "precision"},
    ISOLATION_FOREST: {"roots", "left", "right", "feature", "threshold", "path", "usual"},
}


def to_bytes(model: AnomalyModel) -> bytes:
    """The model as a UTF-8 JSON document: format, version, features, scaler, training window, arrays, checksum.

    Arrays are {"dtype", "shape", "data"}, little-endian bytes, deflated, in base64: no digit is lost.
    """
    body = {
        "kind": model.kind,
        "features": list(model.features),
        "dropped": list(model.dropped),
        "window": {"first": model.first, "last": model.last, "rows": model.rows},
        "scaler": {"centre": _packed(model.centre), "scale": _packed(model.scale)},
        "parts": {name: _packed(part) for name, part in sorted(model.parts.items())},
        "calibration": _packed(model.calibration),
    }
    document = {"format": FORMAT, "version": VERSION, "sha256": _checksum(body), "body": body}
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def from_bytes(data: bytes) -> AnomalyModel:
    """The model that `to_bytes` wrote. Raises Refused for another format or version, and for a damaged document."""
    try:
        document = json.loads(data)
        format, version = document["format"], document["version"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _damaged("it is no JSON document of this format") from None
    if (format, version) != (FORMAT, VERSION):
        raise Refused(
            f"a model of format {format!r}, version {version!r}, cannot be read; allowed: {FORMAT!r}, {VERSION}.",
            hint="Fit the model anew with this version of sugeup.",
        )
    try:
        body = document["body"]
        if document["sha256"] != _checksum(body):
            raise _damaged("its checksum does not agree")
        window, scaler = body["window"], body["scaler"]
        model = AnomalyModel(
            str(body["kind"]),
            tuple(body["features"]),
            tuple(body["dropped"]),
            _unpacked(scaler["centre"]),
            _unpacked(scaler["scale"]),
            str(window["first"]),
            str(window["last"]),
            int(window["rows"]),
            {name: _unpacked(part) for name, part in body["parts"].items()},
            _unpacked(body["calibration"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError, zlib.error):
        raise _damaged("a part of it is missing or cannot be decoded") from None
    if not _fits(model):
        raise _damaged("its parts do not belong together")
    return model


def _fits(model: AnomalyModel) -> bool:
    """Whether the arrays have the shapes of the kind, and a walk down every tree comes to an end."""
    count, parts = len(model.features), model.parts
    scaled = model.centre.shape == model.scale.shape == (count,) and bool((model.scale > 0).all())
    if PARTS.get(model.kind) != set(parts) or not scaled or model.calibration.ndim != 1:
        return False
    if model.kind == MAHALANOBIS:
        return parts["location"].shape == (count,) and parts["precision"].shape == (count, count)
    nodes = np.arange(parts["left"].size)
    trees = [parts[name] for name in ("left", "right", "feature", "threshold", "path")]
    if any(part.shape != nodes.shape for part in trees) or not parts["roots"].size or parts["usual"].shape != (1,):
        return False
    down = [(parts[side] >= nodes) & (parts[side] < nodes.size) for side in ("left", "right")]
    inside = (parts["feature"] >= 0) & (parts["feature"] < count)
    rooted = (parts["roots"] >= 0) & (parts["roots"] < nodes.size)
    return bool(np.all(down) and inside.all() and rooted.all())


def _packed(array: NDArray[Any]) -> dict[str, Any]:
    kind = array.dtype.newbyteorder("<").str
    plain = np.ascontiguousarray(array, dtype=kind)
    return {
        "dtype": kind,
        "shape": list(array.shape),
        "data": base64.b64encode(zlib.compress(plain.tobytes(), 6)).decode(),
    }


def _unpacked(part: dict[str, Any]) -> NDArray[Any]:
    if part["dtype"] not in TYPES:
        raise ValueError(part["dtype"])
    raw = zlib.decompress(base64.b64decode(part["data"], validate=True))
    return np.frombuffer(raw, dtype=part["dtype"]).reshape(part["shape"]).astype(part["dtype"][1:])


def _checksum(body: Any) -> str:
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _damaged(why: str) -> Refused:
    return Refused(f"the model cannot be read: {why}.", hint="Fit the model anew, or take it from a backup.")
