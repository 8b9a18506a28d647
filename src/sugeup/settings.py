"""Every setting: name, default, sentence. Read once by the root, from the environment or `.env`."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated

import platformdirs
from pydantic import AliasChoices, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from sugeup.errors import ConfigError


class LakeName(StrEnum):
    """Which stored figures a command works on; they are never mixed in one answer."""

    REAL = "real"
    DEMO = "demo"
    SIMULATED = "simulated"


class LogLevel(StrEnum):
    """How much is logged to the standard error stream."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class Settings(BaseSettings):
    """Settings, each from the environment variable of its name with the prefix SUGEUP_."""

    model_config = SettingsConfigDict(env_prefix="SUGEUP_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path | None = Field(
        None, description="Folder for all stored data; default: the platform's user data directory."
    )
    lake: LakeName = Field(
        LakeName.REAL, description="Which figures to answer from: real (yours), demo (bundled sample) or simulated."
    )
    host: str = Field("127.0.0.1", description="Address of `sugeup serve`; only loopback is allowed.")
    port: int = Field(8410, ge=1, le=65535, description="Port of `sugeup serve`.")
    log_level: Annotated[LogLevel, BeforeValidator(lambda value: str(value).upper())] = Field(
        LogLevel.WARNING,
        validation_alias=AliasChoices("SUGEUP_LOG_LEVEL", "LOG_LEVEL", "log_level"),
        description="DEBUG, INFO, WARNING or ERROR.",
    )

    @cached_property
    def home(self) -> Path:
        """Folder that holds the lakes."""
        return self.data_dir or Path(platformdirs.user_data_dir("sugeup", appauthor=False))

    def lake_path(self, lake: LakeName) -> Path:
        """Folder of one lake."""
        return self.home / lake.value


def load(**overrides: object) -> Settings:
    """Settings from the environment, with command-line overrides; ConfigError names the variable that is wrong."""
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        said = "; ".join(
            f"{_variable(str(fault['loc'][0]))}={fault['input']!r}: {fault['msg']}" for fault in error.errors()
        )
        raise ConfigError(said + ".", hint="Correct the environment variable or the .env file.") from None


def _variable(field: str) -> str:
    name = field.upper() if field.isupper() else f"SUGEUP_{field.upper()}"
    return "SUGEUP_LOG_LEVEL (or LOG_LEVEL)" if name == "SUGEUP_LOG_LEVEL" else name
