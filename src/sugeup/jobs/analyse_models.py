"""Models of ordinary days in the lake's folder: one file a month, fitted once and read on every night of the month."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path

from sugeup.errors import ConfigError, NoData, Refused
from sugeup.jobs.job import Done, Work
from sugeup.metrics import anomaly_artefacts
from sugeup.metrics.anomaly_models import AnomalyModel

FOLDER = "models"


def path(work: Work, day: date) -> Path:
    """The file of the model for the month of a session; its name carries the version of the format."""
    return work.folder / FOLDER / f"anomaly-{day:%Y-%m}-v{anomaly_artefacts.VERSION}.json"


def kept(work: Work, session: date) -> Done:
    """Fit the model for the month of a session unless it is there; without the history for it there is a note alone."""
    if read(work, session) is not None:
        return Done()
    try:
        model = fit(work, session)
    except NoData as absent:
        return Done(
            notes=(f"no model of ordinary days, so no anomalies: {absent.message} {absent.hint or ''}".strip(),)
        )
    return Done(notes=(f"model of ordinary days for {session:%Y-%m}, from {model.rows:,} rows up to {model.last}",))


def read(work: Work, day: date) -> AnomalyModel | None:
    """The stored model for the month of a session; None where there is none, or none that this version can read."""
    with suppress(FileNotFoundError, Refused):
        return anomaly_artefacts.from_bytes(path(work, day).read_bytes())
    return None


def fit(work: Work, day: date) -> AnomalyModel:
    """Fit and store the model for the month of a session. Raises NoData without the history for it."""
    from sugeup.usecases import signal_anomalies

    model, file = signal_anomalies.fitted(work.archive, day), path(work, day)
    new = file.with_name(f"{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(anomaly_artefacts.to_bytes(model))
        new.replace(file)
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be written: {error.strerror or error}.", hint="Check the data folder and the disk."
        ) from None
    return model


class Models:
    """Models by month for one run: read, or fitted when an earlier session needs one; None where history lacks."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._found: dict[tuple[int, int], AnomalyModel | None] = {}

    def of(self, day: date) -> AnomalyModel | None:
        """The model for the month of a session."""
        month = (day.year, day.month)
        if month not in self._found:
            found = read(self._work, day)
            if found is None:
                with suppress(NoData):
                    found = fit(self._work, day)
            self._found[month] = found
        return self._found[month]
