"""Every setting: name, default, sentence. Read once by the root, from the environment or `.env`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import platformdirs
from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from sugeup.errors import ConfigError

SANDBOX = "http://127.0.0.1:8420"
SANDBOX_KEYS = ("sandbox-key", "sandbox-secret")
"""They open nothing but a sandbox."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


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

    kis_app_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("SUGEUP_KIS_APP_KEY", "KOREA_INVESTMENT_APP_KEY", "kis_app_key"),
        description="App key of KIS Open API (한국투자증권), real domain; a market-data key is enough.",
    )
    kis_app_secret: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("SUGEUP_KIS_APP_SECRET", "KOREA_INVESTMENT_APP_SECRET", "kis_app_secret"),
        description="App secret that belongs to the key.",
    )
    kis_url: str | None = Field(
        None, description="Address of KIS Open API; default: the vendor's, on the lake simulated the sandbox's."
    )
    kis_files_url: str | None = Field(
        None, description="Address of the KIS master files; default: the vendor's, on the lake simulated the sandbox's."
    )
    kis_calls: int = Field(18, ge=1, le=20, description="Calls of KIS within one window of time, by all processes.")
    kis_window: float = Field(1.05, ge=0.01, le=60, description="Seconds of that window.")
    kis_daily_quota: int | None = Field(None, ge=1, description="Calls of KIS in a day at most; default: no limit.")
    market_cap_floor: int = Field(
        1000, ge=0, description="Smallest market cap, in 억원, of stocks whose past is filled and that are polled."
    )
    schedule: bool = Field(False, description="Whether `sugeup serve` also runs the jobs at their times.")

    @cached_property
    def home(self) -> Path:
        """Folder that holds the lakes."""
        return self.data_dir or Path(platformdirs.user_data_dir("sugeup", appauthor=False))

    def lake_path(self, lake: LakeName) -> Path:
        """Folder of one lake."""
        return self.home / lake.value

    def kis_credentials(self, lake: LakeName) -> tuple[str, str]:
        """Key and secret: the sandbox's on the simulated lake, else those set; ConfigError says which are missing."""
        if lake is LakeName.SIMULATED:
            return SANDBOX_KEYS
        given = {"SUGEUP_KIS_APP_KEY": self.kis_app_key, "SUGEUP_KIS_APP_SECRET": self.kis_app_secret}
        missing = [name for name, value in given.items() if value is None or not value.get_secret_value()]
        if missing or self.kis_app_key is None or self.kis_app_secret is None:
            raise ConfigError(
                f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set.",
                code="NO_CREDENTIALS",
                hint="Get a key at https://apiportal.koreainvestment.com (KIS Developers, 실전) and set "
                "SUGEUP_KIS_APP_KEY and SUGEUP_KIS_APP_SECRET in the environment or the .env file; or try it without "
                "one: `sugeup sandbox`, then `sugeup --lake simulated job run daily`.",
            )
        return self.kis_app_key.get_secret_value(), self.kis_app_secret.get_secret_value()

    def kis_address(self, lake: LakeName) -> str | None:
        """Where KIS is asked; None: at the vendor's address. A lake is never filled from the other kind of source."""
        return self._address(lake, self.kis_url, "SUGEUP_KIS_URL", SANDBOX)

    def kis_files_address(self, lake: LakeName, own: str) -> str | None:
        """Where the master files are; `own`: the vendor's address, whose path the sandbox has too."""
        sandbox = (self.kis_address(lake) or SANDBOX) + urlsplit(own).path.rstrip("/")
        return self._address(lake, self.kis_files_url, "SUGEUP_KIS_FILES_URL", sandbox)

    def _address(self, lake: LakeName, given: str | None, name: str, sandbox: str) -> str | None:
        if not given:
            return sandbox if lake is LakeName.SIMULATED else None
        here = urlsplit(given).hostname in LOOPBACK
        if here != (lake is LakeName.SIMULATED):
            kind = "a server on this machine, which a sandbox may be" if here else "not on this machine"
            raise ConfigError(
                f"{name}={given!r} is {kind}; the lake {lake.value} is not filled from there.",
                hint="Real figures come from the vendor, simulated ones from `sugeup sandbox`; use --lake simulated."
                if here
                else f"Leave {name} away, or name the sandbox's address.",
            )
        return given.rstrip("/")


def load(**overrides: object) -> Settings:
    """Settings from the environment, with command-line overrides; ConfigError names the variable that is wrong."""
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        said = "; ".join(
            f"{_variable(str(fault['loc'][0]))}={_shown(fault)}: {fault['msg']}" for fault in error.errors()
        )
        raise ConfigError(said + ".", hint="Correct the environment variable or the .env file.") from None


def _shown(fault: Mapping[str, Any]) -> str:
    secret = any(word in str(fault["loc"][0]).lower() for word in ("key", "secret"))
    return "***" if secret else repr(fault["input"])


def _variable(field: str) -> str:
    name = field.upper() if field.isupper() else f"SUGEUP_{field.upper()}"
    return "SUGEUP_LOG_LEVEL (or LOG_LEVEL)" if name == "SUGEUP_LOG_LEVEL" else name
