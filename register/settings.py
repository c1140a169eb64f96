"""The settings of an installation. The environment is read here and nowhere else.

Other code receives a `Settings`. Defaults that an operator may change belong here. Tolerances and
thresholds of a method are seeds.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from register.backup_settings import BackupSettings
from register.data_keys import KeyRing, hand_down_key_ring, read_key_ring
from register.key_strength import DEVELOPMENT_KEY, compute_key_id, find_key_fault
from register.machine import default_warehouse_gigabytes, memory_gigabytes
from register.oidc_settings import OidcSettings
from register.setting_values import (
    SettingsError,
    parse_serving_targets,
    parse_signatories,
    parse_signatory_keys,
    read_limits,
    read_number,
    read_watch_settings,
    read_web_settings,
)
from register.storage_settings import InboxSettings, ServedCopySettings
from register.upload_settings import UploadSettings
from register.variables import (
    DeliveryLimits,
    LakeSettings,
    WatchSettings,
    WebSettings,
    declare_variable,
)

PROJECT_ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ("development", "test", "production")
# A delivery is held if more than this share of its records is quarantined, unless a home sets
# another share.
HOLD_QUARANTINE_SHARE = 0.1
# The file at the top of a home that declares it simulated; a simulation writes it.
SIMULATION_DECLARATION = "simulation.json"
PASSWORD_PREFIX = "REGISTER_ZIP_PASSWORD_"  # noqa: S105 - the name of a variable, not a secret


@dataclass(frozen=True)
class Settings:
    """The settings of one process, read from the environment by `load_settings`.

    Paths are absolute, and shares are between 0 and 1.
    """

    environment: str = declare_variable(
        "REGISTER_ENVIRONMENT",
        "`development`, `test` or `production`",
        "The kind of installation; `production` requires a pseudonym key and a proxy for"
        " `register web`, and refuses simulated deliveries.",
    )
    home: Path = declare_variable(  # noqa: RUF009 - declares a field
        "REGISTER_HOME",
        "folder",
        "The home: the folder with all data of the register.",
        "`.register` in the current folder",
    )
    pseudonym_key: str = declare_variable(
        "REGISTER_PSEUDONYM_KEY",
        "text, secret",
        "The secret key from which all published keys are made: 32 characters or more, required"
        " in production ([make one](../SECURITY.md#keys)).",
        "a public development key: each load warns",
        repr=False,
    )
    generations_kept: int = declare_variable(
        "REGISTER_GENERATIONS_KEPT",
        "whole number",
        "The number of published generations that are kept besides the current one.",
    )
    runs_kept: int = declare_variable(
        "REGISTER_RUNS_KEPT",
        "whole number",
        "How many ended runs of each Dagster job are kept. A load has an event log of 12 MB.",
    )
    memory_gigabytes: float = declare_variable(
        "REGISTER_MEMORY_GIGABYTES",
        "number",
        "The memory of the warehouse during a load, in gigabytes; data that do not fit are spilled"
        " to disk. Linkage needs further memory.",
        "half of the machine's or container's, at most 6",
    )
    hold_shrink_share: float = declare_variable(
        "REGISTER_HOLD_SHRINK_SHARE",
        "share",
        "A delivery is held if it is smaller than earlier deliveries by more than this share.",
    )
    zip_passwords: Mapping[str, str] = declare_variable(
        f"{PASSWORD_PREFIX}<SUPPLIER>",
        "text, secret",
        "The password of one supplier's zip files; the setting's name ends with the supplier's"
        " code.",
        "none",
        repr=False,
    )
    hold_quarantine_share: float = declare_variable(
        "REGISTER_HOLD_QUARANTINE_SHARE",
        "share",
        "A delivery is held if more than this share of its records, or of the records of one of"
        " its tables, is quarantined.",
        default=HOLD_QUARANTINE_SHARE,
    )
    readers_group: str = declare_variable(
        "REGISTER_READERS_GROUP",
        "group of the machine",
        "The group that may read the published files in their coarse form, in which dates are"
        " months, and the quality site.",
        "none: the operator alone",
        default="",
    )
    exact_group: str = declare_variable(
        "REGISTER_EXACT_GROUP",
        "group of the machine",
        "The group that may read the published files with exact dates; they are pseudonymous.",
        "none: the operator alone",
        default="",
    )
    case_lists_group: str = declare_variable(
        "REGISTER_CASE_LISTS_GROUP",
        "group of the machine",
        "The group that may read the published case lists, which name children.",
        "none: the operator alone",
        default="",
    )
    limits: DeliveryLimits = field(default_factory=DeliveryLimits)
    inbox_settings: InboxSettings = field(default_factory=InboxSettings)
    former_pseudonym_key: str = declare_variable(
        "REGISTER_PSEUDONYM_KEY_BEFORE",
        "text, secret",
        "The former pseudonym key; only `register keys rotate-pseudonyms` uses it.",
        "none",
        default="",
        repr=False,
    )
    serving_targets: tuple[str, ...] = declare_variable(
        "REGISTER_SERVE",
        "`none`, or any of `parquet`, `parquet_exact`, `postgres` and `lake`",
        "The forms in which a load serves the published register, besides the DuckDB file.",
        default=(),
    )
    postgres_dsn: str = declare_variable(
        "REGISTER_POSTGRES_DSN",
        "text, secret",
        "The connection string of the database that `postgres` loads; it is never printed.",
        "none",
        default="",
        repr=False,
    )
    served_copy: ServedCopySettings = field(default_factory=ServedCopySettings)
    lake: LakeSettings = field(default_factory=LakeSettings)
    web: WebSettings = field(default_factory=WebSettings)
    oidc: OidcSettings = field(default_factory=OidcSettings)
    uploads: UploadSettings = field(default_factory=UploadSettings)
    watch: WatchSettings = field(default_factory=WatchSettings)
    backup: BackupSettings = field(default_factory=BackupSettings)
    statistics_contact: str = declare_variable(
        "REGISTER_STATISTICS_CONTACT",
        "text",
        "The contact shown on each page and spreadsheet of published statistics.",
        default="the statistics team of the register",
    )
    spark_remote: str = declare_variable(
        "REGISTER_SPARK_REMOTE",
        "address",
        "A Spark Connect server for `register load --engine spark`, such as `sc://host:15002`.",
        "none: Spark runs in dbt's process",
        default="",
    )
    statistics_key: str = declare_variable(
        "REGISTER_STATISTICS_KEY",
        "text, secret",
        "The key that seals releases; keep it as long as anybody may verify a release.",
        "the pseudonym key",
        default="",
        repr=False,
    )
    signatories: Mapping[str, str] = declare_variable(
        "REGISTER_STATISTICS_SIGNATORIES",
        "list of `id=producer` and `id=head_of_profession`",
        "The people who may sign, approve and withdraw releases, with one id each; required in"
        " production.",
        "none: names are compared",
        default_factory=dict,
    )
    signatory_keys: Mapping[str, str] = declare_variable(
        "REGISTER_SIGNATORY_KEYS",
        "list of `id=public key`",
        "The public Ed25519 keys of signatories who sign with `register access approve --key`: the"
        " line that `openssl pkey -pubout` writes between its first and last.",
        "none: signatures are made in `register web`",
        default_factory=dict,
    )

    receipt_key: str = declare_variable(
        "REGISTER_RECEIPT_KEY",
        "list of Ed25519 keys, secret",
        "The private key that signs receipts, then former keys; without it a production home has"
        " no receipts ([make one](../docs/how-to/tell-suppliers.md#sign-receipts)).",
        "a key made in the home; none in production",
        default="",
        repr=False,
    )

    data_keys: KeyRing | None = declare_variable(  # noqa: RUF009 - declares a field
        "REGISTER_DATA_KEYS",
        "lines of `id secret`, secret",
        "The keys that encrypt files that name children, the current key first; this or one of the"
        " next two variables is required in production"
        " ([encrypt a home](../docs/how-to/encrypt-a-home.md)).",
        "none: files are not encrypted",
        default=None,
        repr=False,
    )

    @property
    def is_shared(self) -> bool:
        """Whether a group besides the operator may read publications."""
        return bool(self.readers_group or self.exact_group or self.case_lists_group)

    @property
    def key_id(self) -> str:
        """An id of the pseudonym key, from which nothing about the key can be learnt."""
        return compute_key_id(self.pseudonym_key)

    @property
    def key_warning(self) -> str | None:
        """A warning if the pseudonym key is easy to guess; otherwise None."""
        fault = find_key_fault(self.pseudonym_key)
        if fault is None:
            return None
        return (
            f"PSEUDONYMS PROTECT NOBODY: {fault}. Anybody can turn them back into references. Land"
            " no real delivery here: set REGISTER_ENVIRONMENT=production and a"
            " REGISTER_PSEUDONYM_KEY of its own"
        )

    @property
    def inbox(self) -> Path:
        """The folder of suppliers' deliveries; if `inbox_settings.is_remote`, it stays empty."""
        is_elsewhere = self.inbox_settings.place and not self.inbox_settings.is_remote
        return Path(self.inbox_settings.place) if is_elsewhere else self.home / "inbox"

    @property
    def landing(self) -> Path:
        """The folder of landed deliveries and the ledger, to which data are only added."""
        return self.home / "landing"

    @property
    def warehouse(self) -> Path:
        """The folder of the warehouse file, which only dbt opens."""
        return self.home / "warehouse"

    @property
    def dagster(self) -> Path:
        """The folder of the Dagster instance, and of the history of loads."""
        return self.home / "dagster"

    @property
    def published(self) -> Path:
        """The folder of published generations and of the link to the current one."""
        return self.home / "published"

    @property
    def quality(self) -> Path:
        """The folder of measurements' results and of the quality site."""
        return self.home / "quality"

    @property
    def outbox(self) -> Path:
        """The folder of feedback, by supplier. It names records by the supplier's own ids."""
        return self.home / "outbox"

    @property
    def decisions(self) -> Path:
        """The folder of people's decisions, in files that only grow."""
        return self.home / "decisions"

    @property
    def models(self) -> Path:
        """The folder of candidate linkage models trained on this home's data, with reports."""
        return self.home / "models"

    @property
    def operations(self) -> Path:
        """The folder of pages for reviewers, which name children; only the operator may read it."""
        return self.home / "operations"

    @property
    def web_folder(self) -> Path:
        """The folder of `register web`: accounts and claims, for the operator only."""
        return self.home / "web"

    @property
    def access_record(self) -> Path:
        """The folder of the access record, which only grows."""
        return self.home / "access_record"

    @property
    def statistics(self) -> Path:
        """The folder of releases of official statistics, with their public and working files."""
        return self.home / "statistics"

    @property
    def truth(self) -> Path:
        """The folder of a simulated nation's true events, which a real home lacks."""
        return self.home / "truth"

    @property
    def simulation_declaration(self) -> Path:
        """The file that declares this home a simulation; only `simulation.simulate` writes it."""
        return self.home / SIMULATION_DECLARATION

    @property
    def is_simulation(self) -> bool:
        """Whether this home is a declared simulation outside production, so that truth may be read.

        A folder of truth is not enough proof: it may have been copied next to real deliveries.
        """
        return (
            self.environment != "production"
            and self.simulation_declaration.is_file()
            and self.truth.is_dir()
        )

    @property
    def dbt_project(self) -> Path:
        """The folder of this installation's dbt project."""
        return PROJECT_ROOT / "dbt_project"

    @property
    def seeds(self) -> Path:
        """The folder of seeds: look-up tables that people maintain."""
        return PROJECT_ROOT / "seeds"

    @property
    def layouts(self) -> Path:
        """The folder of layouts and of their assignments to suppliers."""
        return PROJECT_ROOT / "register" / "feeds" / "layouts"

    def build_dbt_environment(self, generation_folder: Path) -> dict[str, str]:
        """Return the environment variables that dbt's profile needs to build a generation."""
        return {
            "REGISTER_ENVIRONMENT": self.environment,
            "REGISTER_HOME": str(self.home),
            "REGISTER_HAS_TRUTH": "true" if self.is_simulation else "false",
            "REGISTER_PSEUDONYM_KEY": self.pseudonym_key,
            # The scheme of addresses under which dbt reads encrypted files.
            "REGISTER_PRIVATE_SCHEME": "" if self.data_keys is None else "private://",
            # Processes get the ring itself, and run no command for it.
            "REGISTER_DATA_KEYS": self.data_keys.to_text() if self.data_keys else "",
            "REGISTER_DATA_KEYS_FILE": "",
            "REGISTER_DATA_KEYS_COMMAND": "",
            "REGISTER_PARQUET_KEY_ID": self.data_keys.current.id if self.data_keys else "",
            "REGISTER_GENERATION": str(generation_folder),
            "REGISTER_MEMORY_GIGABYTES": f"{self.memory_gigabytes:g}",
            "DBT_PROFILES_DIR": str(self.dbt_project),
            "DO_NOT_TRACK": "1",
        }


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environ` (default: the process's environment).

    Raises `SettingsError` for an invalid setting, or a missing key in production.
    """
    values = os.environ if environ is None else environ
    environment = values.get("REGISTER_ENVIRONMENT", "development")
    if environment not in ENVIRONMENTS:
        raise SettingsError(
            f"REGISTER_ENVIRONMENT is '{environment}'; known: {', '.join(ENVIRONMENTS)}"
        )
    key = values.get("REGISTER_PSEUDONYM_KEY", "")
    if not key:
        if environment == "production":
            raise SettingsError("REGISTER_PSEUDONYM_KEY must be set in production")
        key = DEVELOPMENT_KEY
    fault = find_key_fault(key)
    if fault is not None and environment == "production":
        raise SettingsError(
            f"REGISTER_PSEUDONYM_KEY is no key for production: {fault}. Make one with"
            ' `python -c "import secrets; print(secrets.token_urlsafe(32))"`'
        )
    home = Path(values.get("REGISTER_HOME", ".register")).expanduser().resolve()
    data_keys = read_key_ring(values, environment, home)
    if environ is None:
        hand_down_key_ring(os.environ, data_keys)
    return Settings(
        environment=environment,
        home=home,
        pseudonym_key=key,
        generations_kept=int(read_number(values, "REGISTER_GENERATIONS_KEPT", 5, minimum=1)),
        runs_kept=int(read_number(values, "REGISTER_RUNS_KEPT", 3, minimum=1)),
        memory_gigabytes=read_number(
            values,
            "REGISTER_MEMORY_GIGABYTES",
            default_warehouse_gigabytes(memory_gigabytes()),
            minimum=1.0,
        ),
        hold_shrink_share=read_number(values, "REGISTER_HOLD_SHRINK_SHARE", 0.3, minimum=0.0),
        hold_quarantine_share=read_number(
            values, "REGISTER_HOLD_QUARANTINE_SHARE", HOLD_QUARANTINE_SHARE, minimum=0.0
        ),
        zip_passwords={
            name.removeprefix(PASSWORD_PREFIX): value
            for name, value in values.items()
            if name.startswith(PASSWORD_PREFIX)
        },
        readers_group=values.get("REGISTER_READERS_GROUP", ""),
        exact_group=values.get("REGISTER_EXACT_GROUP", ""),
        former_pseudonym_key=values.get("REGISTER_PSEUDONYM_KEY_BEFORE", ""),
        case_lists_group=values.get("REGISTER_CASE_LISTS_GROUP", ""),
        limits=read_limits(values),
        inbox_settings=InboxSettings.read(values),
        serving_targets=parse_serving_targets(values),
        postgres_dsn=values.get("REGISTER_POSTGRES_DSN", ""),
        served_copy=ServedCopySettings.read(values),
        lake=LakeSettings.read(values),
        web=read_web_settings(values, environment),
        oidc=OidcSettings.read(values),
        uploads=UploadSettings.read(values),
        watch=read_watch_settings(values),
        backup=BackupSettings.read(values),
        statistics_contact=values.get("REGISTER_STATISTICS_CONTACT", "")
        or "the statistics team of the register",
        spark_remote=values.get("REGISTER_SPARK_REMOTE", ""),
        statistics_key=values.get("REGISTER_STATISTICS_KEY", "") or key,
        signatories=parse_signatories(values.get("REGISTER_STATISTICS_SIGNATORIES", "")),
        data_keys=data_keys,
        receipt_key=values.get("REGISTER_RECEIPT_KEY", ""),
        signatory_keys=parse_signatory_keys(values.get("REGISTER_SIGNATORY_KEYS", "")),
    )
