"""Every setting: name, default, sentence. Read once by the root, from the environment or `.env`.

Keys may also lie in the system's keychain or in an encrypted file (`sugeup keys`). These are asked last, for keys
alone, and not before a key is needed.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import platformdirs
from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from sugeup.errors import ConfigError, Refused

if TYPE_CHECKING:
    from sugeup.keychain import KeyStore

SANDBOX = "http://127.0.0.1:8420"
SANDBOX_KEYS = ("sandbox-key", "sandbox-secret")
"""They open nothing but a sandbox."""
_SIMULATED = "kis"
"""The source that a simulated lake is filled from when none is named."""
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

    model_config = SettingsConfigDict(
        env_prefix="SUGEUP_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    data_dir: Path | None = Field(
        None, description="Folder for all stored data; default: the platform's user data directory."
    )
    lake: LakeName = Field(
        LakeName.REAL, description="Which figures to answer from: real (yours), demo (bundled sample) or simulated."
    )
    host: str = Field("127.0.0.1", description="Address of `sugeup serve`; only loopback is allowed.")
    port: int = Field(8410, ge=1, le=65535, description="Port of `sugeup serve`.")
    public_url: str | None = Field(
        None, description="https address at which a proxy of yours answers for this server; told to GPT actions."
    )
    openbb_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(lambda value: _origins(value))] = Field(
        (),
        description="Origins of OpenBB Workspace whose pages may read this server, with commas between them; "
        "https://pro.openbb.co is the hosted one. Default: none.",
    )
    log_level: Annotated[LogLevel, BeforeValidator(lambda value: str(value).upper())] = Field(
        LogLevel.WARNING,
        validation_alias=AliasChoices("SUGEUP_LOG_LEVEL", "LOG_LEVEL", "log_level"),
        description="DEBUG, INFO, WARNING or ERROR.",
    )

    sources: Annotated[tuple[str, ...] | None, NoDecode, BeforeValidator(lambda value: _names(value))] = Field(
        None,
        description="Names of the sources to ask, with commas between them (`sugeup sources` lists them); default: all "
        "that have what they need, on the lake simulated kis.",
    )
    sandbox_url: str = Field(SANDBOX, description="Address of the sandbox, which the lake simulated is filled from.")
    sandbox_hurry: float = Field(
        1.0, ge=1, le=1_000_000, description="How many times faster than the sources' own pace a sandbox is asked."
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
    kis_calls: int = Field(18, ge=1, le=20, description="Calls of KIS within one window of time, by all processes.")
    kis_window: float = Field(1.05, ge=0.01, le=60, description="Seconds of that window.")
    kis_daily_quota: int | None = Field(None, ge=1, description="Calls of KIS in a day at most; default: no limit.")
    ls_app_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("SUGEUP_LS_APP_KEY", "EBEST_APP_KEY", "ls_app_key"),
        description="App key of LS OPEN API (LS증권, formerly 이베스트), real trading; a paper key answers nothing.",
    )
    ls_app_secret: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("SUGEUP_LS_APP_SECRET", "EBEST_APP_SECRET", "ls_app_secret"),
        description="App secret that belongs to the key.",
    )
    krx_api_key: SecretStr | None = Field(
        None, description="Key of the KRX OPEN API (한국거래소): the exchange's own daily prices, for private use."
    )
    krx_id: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("SUGEUP_KRX_ID", "KRX_ID", "krx_id"),
        description="Your own log-in of the KRX Data Marketplace (정보데이터시스템), with a password of its own.",
    )
    krx_pw: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("SUGEUP_KRX_PW", "KRX_PW", "krx_pw"),
        description="Password that belongs to the log-in.",
    )
    krx_login: bool = Field(
        False, description="Whether the member pages of KRX may be asked with your log-in; read its terms first."
    )
    naver: bool = Field(
        False, description="Whether Naver's unofficial interface may be asked, for private use; read the note first."
    )
    dart_api_key: SecretStr | None = Field(
        None, description="Key of DART OpenAPI (금융감독원 전자공시): holdings of 5%, of officers, treasury stock."
    )
    passphrase: SecretStr | None = Field(
        None, description="Passphrase of the encrypted file of keys, where nobody is there to be asked for it."
    )
    passphrase_file: Path | None = Field(None, description="File whose first line is that passphrase.")
    market_cap_floor: int = Field(
        1000, ge=0, description="Smallest market cap, in 억원, of stocks whose past is filled and that are polled."
    )
    schedule: bool = Field(False, description="Whether `sugeup serve` also runs the jobs at their times.")

    @cached_property
    def home(self) -> Path:
        """Folder that holds the lakes."""
        return self.data_dir or Path(platformdirs.user_data_dir("sugeup", appauthor=False))

    def address(self) -> str:
        """Address of the server for others: the public one, else this machine's; ConfigError where it is not https."""
        if self.public_url is None:
            return f"http://127.0.0.1:{self.port}"
        found = urlsplit(self.public_url)
        if found.scheme != "https" or not found.hostname or found.path.strip("/") or found.query or found.fragment:
            raise ConfigError(
                f"SUGEUP_PUBLIC_URL={self.public_url!r} is not an https address without a path.",
                hint="Write it as https://sugeup.example.",
            )
        return self.public_url.rstrip("/")

    def lake_path(self, lake: LakeName) -> Path:
        """Folder of one lake."""
        return self.home / lake.value

    def asks(self, name: str, keys: Sequence[str], switch: str, lake: LakeName) -> bool:
        """Whether a source is asked: it is named, or nobody is and it has what it needs.

        `keys`, `switch`: fields of these settings. One key of two is as good as both: it tells that both were meant.
        """
        if self.sources is not None:
            return name in self.sources
        if lake is LakeName.SIMULATED:
            return name == _SIMULATED
        if switch and getattr(self, switch) is not True:
            return False
        return not keys or any(self._held(one) or one in self.stored.places() for one in keys)

    def secrets(self, keys: Sequence[str], lake: LakeName) -> tuple[str, ...]:
        """The values of fields that hold keys: the sandbox's on the lake simulated; ConfigError names the missing."""
        if lake is LakeName.SIMULATED:
            return SANDBOX_KEYS[: len(keys)]
        known = self.keyed(keys)
        missing = [variable(one) for one in keys if not known._held(one)]
        if missing:
            raise ConfigError(
                f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set.",
                code="NO_CREDENTIALS",
                hint="Set them with `sugeup keys set`, in the environment or in the .env file; `sugeup sources` says "
                "where to get a key.",
            )
        return tuple(known._held(one) for one in keys)

    @cached_property
    def stored(self) -> KeyStore:
        """The keys that `sugeup keys` stored for this data folder."""
        from sugeup.keychain import KeyStore

        return KeyStore(self.home / "keys", self._passphrase)

    def keyed(self, keys: Sequence[str]) -> Settings:
        """These settings with what the keychain and the encrypted file hold of `keys`, where they have no value yet.

        ConfigError when one of these keys was stored and cannot be had: locked, no passphrase, a package missing.
        """
        missing = [one for one in keys if not self._held(one)]
        if not any(one in self.stored.places() for one in missing):
            return self
        before = _WANTED.set((self.stored, missing))
        try:
            return type(self)(**{name: getattr(self, name) for name in self.model_fields_set})
        finally:
            _WANTED.reset(before)

    def key_places(self) -> dict[str, str]:
        """Key that is set → where: environment, .env, keychain or encrypted file. Asks for no value."""
        found = {name: place.value for name, place in self.stored.places().items() if name in key_fields()}
        environment = EnvSettingsSource(type(self))()
        written = DotEnvSettingsSource(type(self))()
        for name in key_fields():
            if self._held(name):
                named = {name, *aliases(name)}
                place = "environment" if named & set(environment) else ".env" if named & set(written) else "given"
                found[name] = place
        return found

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Where settings come from, the first wins: command line, environment, .env; for keys also what was stored."""
        return init_settings, env_settings, dotenv_settings, StoredKeys(settings_cls)

    def _passphrase(self, new: bool) -> str:
        if self.passphrase is not None:
            return self.passphrase.get_secret_value()
        if self.passphrase_file is None:
            return _prompted(new)
        try:
            return self.passphrase_file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"SUGEUP_PASSPHRASE_FILE={str(self.passphrase_file)!r} cannot be read: {_reason(error)}.",
                hint="Name a text file that this user can read.",
            ) from None

    def sandbox(self) -> str:
        """Where the sandbox is; ConfigError for an address that is not on this machine."""
        if urlsplit(self.sandbox_url).hostname not in LOOPBACK:
            raise ConfigError(
                f"SUGEUP_SANDBOX_URL={self.sandbox_url!r} is not on this machine; a sandbox is.",
                hint="Leave SUGEUP_SANDBOX_URL away, or name an address such as http://127.0.0.1:8420.",
            )
        return self.sandbox_url.rstrip("/")

    def _held(self, field: str) -> str:
        value = getattr(self, field)
        return value.get_secret_value() if isinstance(value, SecretStr) else ""


def variable(field: str) -> str:
    """The environment variable of a field."""
    return f"SUGEUP_{field.upper()}"


def key_fields() -> tuple[str, ...]:
    """Fields that hold keys of sources, in the order of the settings."""
    return tuple(name for name, field in Settings.model_fields.items() if _secret(field) and name != "passphrase")


def aliases(field: str) -> tuple[str, ...]:
    """Every environment variable of a field, its own name first."""
    alias = Settings.model_fields[field].validation_alias
    given = [str(one) for one in alias.choices if one != field] if isinstance(alias, AliasChoices) else []
    return tuple(dict.fromkeys([variable(field), *given]))


def key_field(name: str) -> str:
    """The field of a key from any of its names, in any case, with - or _; Refused lists the names that there are."""
    asked = name.strip().upper().replace("-", "_")
    for field in key_fields():
        if asked in {field.upper(), *aliases(field)}:
            return field
    raise Refused(f"{name[:40]!r} is no key.", hint=f"There are: {', '.join(key_fields())}.")


_WANTED: ContextVar[tuple[KeyStore, Sequence[str]] | None] = ContextVar("wanted keys", default=None)


class StoredKeys(PydanticBaseSettingsSource):
    """The keychain and the encrypted file as a source of settings: silent unless `Settings.keyed` asks."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Nothing: fields are not asked for one by one."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """The keys that are wanted, and that no source before has."""
        wanted = _WANTED.get()
        if wanted is None:
            return {}
        store, names = wanted
        open_ = [one for one in names if not {one, *aliases(one)} & set(self.current_state)]
        return {_first(name): value for name, value in store.read(open_).items()}


def _first(field: str) -> str:
    """The name under which a source gives a field."""
    alias = Settings.model_fields[field].validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else field


def _secret(field: FieldInfo) -> bool:
    return SecretStr in getattr(field.annotation, "__args__", (field.annotation,))


def _prompted(new: bool) -> str:
    """A passphrase from whoever sits before the terminal; ConfigError when nobody does."""
    from getpass import getpass

    if threading.current_thread() is not threading.main_thread() or not (sys.stdin and sys.stdin.isatty()):
        raise ConfigError(
            "The encrypted file of keys needs its passphrase, and nobody is here to be asked.",
            hint="Set SUGEUP_PASSPHRASE_FILE (a file with the passphrase) or SUGEUP_PASSPHRASE.",
        )
    given = getpass("Passphrase of the encrypted file: " if not new else "New passphrase for the encrypted file: ")
    if new and getpass("The same again: ") != given:
        raise Refused("The two passphrases differ.", hint="Try again.")
    return given


def _reason(error: Exception) -> str:
    return (error.strerror or "") if isinstance(error, OSError) else "it is not UTF-8 text"


def _names(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(one.strip().lower() for one in value.split(",") if one.strip()) or None


def _origins(value: object) -> object:
    found = _names(value) if isinstance(value, str) else value
    for one in found if isinstance(found, tuple) else ():
        parts = urlsplit(one)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "*" in one or parts.path or parts.query:
            raise ValueError(f"{one!r} is not the origin of a page, such as https://pro.openbb.co")
    return found or ()


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
    named = str(fault["loc"][0])
    secret = any(named in {name, *aliases(name)} for name in (*key_fields(), "passphrase"))
    return "***" if secret else repr(fault["input"])


def _variable(field: str) -> str:
    name = field.upper() if field.isupper() else variable(field)
    return "SUGEUP_LOG_LEVEL (or LOG_LEVEL)" if name == "SUGEUP_LOG_LEVEL" else name
