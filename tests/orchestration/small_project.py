"""A dbt project of a dozen models with the register's shape, so that a load takes seconds.

Tests about loading, not about the models, use it in place of the real project.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from register.settings import PROJECT_ROOT

PROJECT = """
name: national_register
version: "1.0.0"
config-version: 2
profile: register
model-paths: [models]
seed-paths: ["../seeds"]
test-paths: [tests]
macro-paths: [macros]
flags:
  send_anonymous_usage_stats: false
  use_colors: false
vars:
  as_known_at: "9999-12-31T00:00:00Z"
on-run-end: "{{ describe_failed_tests(results) }}"
seeds:
  national_register:
    +schema: reference
    +full_refresh: true
models:
  national_register:
    staging:
      +schema: staging
      +materialized: table
    marts:
      +materialized: table
      register:
        +database: national_register
        +schema: register
      agreement:
        +database: national_register
        +schema: agreement
      quality:
        +database: national_register
        +schema: quality
      operations:
        +database: case_lists
        +schema: operations
"""
SOURCES = """
version: 2
sources:
  - name: police_reports
    description: What forces delivered.
    schema: landing
    tables:
      - name: reports
        description: One row per version of a report.
  - name: decisions
    description: What people decided.
    schema: landing
    tables:
      - name: links
        description: One row per decision on a link.
"""
LINEAGE = (
    "'police_reports-E23000099-2026-10-0123456789ab' as delivery_id, 'police_reports' as feed,"
    " 'E23000099' as supplier_code, 'reports.csv' as file_name, 2 as row_number"
)
REPORTS = "marts/register/fct_reports"
CHILDREN = "marts/register/dim_children"
EPISODES = "marts/register/fct_episodes"
MODELS = {
    "staging/stg_police_reports__reports": (
        "-- depends_on: {{ source('police_reports', 'reports') }}\n"
        "-- depends_on: {{ source('decisions', 'links') }}\nselect 1 as report_number"
    ),
    "marts/register/dim_deliveries": (
        "select 'police_reports-E23000099-2026-10-0123456789ab' as delivery_id,"
        " 'police_reports' as feed, 'current' as status, 'accepted' as outcome,"
        " 'E23000099' as supplier_code, '2026-10' as period, date '2026-10-01' as period_start,"
        " date '2026-10-31' as period_end, timestamp '2026-11-01 00:00:00' as received_at"
    ),
    "marts/register/dim_suppliers": (
        "select 'E23000099' as supplier_code, 'Invented Police' as supplier_name"
    ),
    CHILDREN: "select 'C1' as child_id_register, true as is_current",
    "marts/register/bridge_child_sources": (
        "select 'M1' as mention_id_register, 'C1' as child_id_register"
    ),
    REPORTS: (
        "select 'R1' as report_id_register, 'E1' as episode_id_register,"
        f" 'C1' as child_id_register, {LINEAGE},"
        " '{{ var(\"as_known_at\") }}' as known_at"
        " from {{ ref('stg_police_reports__reports') }}"
    ),
    EPISODES: ("select distinct episode_id_register from {{ ref('fct_reports') }}"),
    "marts/register/fct_rule_breaches": (
        "select 'B1' as rule_breach_id, 'absence_in_future' as rule_code, 'reports' as table_name,"
        f" 'last_seen_at' as column_name, {LINEAGE}"
    ),
    "marts/agreement/fct_agreement": (
        "select 'E1' as agreement_id, 'police_only' as status, true as is_in_scope,"
        " true as is_police_expected, true as is_authority_expected"
    ),
    "marts/operations/case_list_children": "select 'E1' as episode_id_register",
    "marts/operations/case_list_absences": (
        "select 'police' as body_type_code, 'E23000099' as body_code, 1 as urgency_rank,"
        " '0000000A' as line_reference, true as is_recorded_by_body,"
        " '370' as other_body_code, 'NOM1' as child_references, 'MP1' as report_references,"
        " 'missing' as category_code, date '2026-10-01' as start_date,"
        " cast(null as date) as end_date, 'Not known' as probable_reason,"
        " 'Ask the authority' as what_to_do, 'E1' as episode_id_register"
    ),
}
SUPPLIERS = (
    "supplier_code,supplier_name,feed,delivery_calendar,due_days,valid_from,valid_to,in_population\n"
    "E23000099,Invented Police,police_reports,monthly,14,2015-01-01,,true\n"
)
# Every build after the first makes 60 of 100 known persons another child.
CHURN = """
with logged as (
    select max(regexp_extract(file, '([^/]+)[.]parquet$', 1)) as generation_id
    from glob('{{ env_var("REGISTER_HOME") }}/published/keys/*.parquet')
)
select
    'this_generation' as generation_id,
    true as is_this_generation,
    generation_id as previous_generation_id,
    100 as known_mention_count,
    60 as changed_mention_count,
    0 as vanished_mention_count,
    40 as merged_count,
    2 as split_count,
    case when generation_id is not null then 0.6 end as churn_share,
    case when generation_id is not null then 0.0 end as vanished_share,
    generation_id in (
        select decided.generation_id
        from read_csv(
            '{{ env_var("REGISTER_HOME") }}/decisions/churn.csv', header = true
        ) as decided
    ) as is_accepted
from logged
"""
# What must be true of the reports, in the words of the test `rules`.
RULES = {
    "not_null": ["report_id_register", "episode_id_register"],
    "relationships": {"child_id_register": "dim_children.child_id_register"},
    "expressions": {"a_file_has_lines": "row_number > 1"},
}
# What must be true of the children, who are read alone.
OWN_RULES = {"not_null": ["child_id_register"], "unique": ["child_id_register"]}
# What leads to the reports, from which episodes are made.
LEADING = {"relationships": {"episode_id_register": "fct_reports.episode_id_register"}}
FAILING_TEST = "select * from {{ ref('fct_reports') }}\n"


def write_small_project(root: Path) -> tuple[Path, Path]:
    """Write the project and its seeds below `root`; return both folders."""
    project, seeds = root / "dbt_project", root / "seeds"
    for folder in (seeds, project / "macros", project / "tests"):
        folder.mkdir(parents=True)
    real = PROJECT_ROOT / "dbt_project"
    shutil.copy(real / "profiles.yml", project)
    shutil.copy(real / "macros" / "generate_schema_name.sql", project / "macros")
    for folder in ("generic_tests", "materializations"):
        shutil.copytree(real / "macros" / folder, project / "macros" / folder)
    (project / "dbt_project.yml").write_text(PROJECT, encoding="utf-8")
    (seeds / "ref__suppliers.csv").write_text(SUPPLIERS, encoding="utf-8")
    for name in (
        *("agreement_tolerances", "authorities", "delivery_rules", "reminder_levels"),
        "return_rules",
    ):
        shutil.copy(PROJECT_ROOT / "seeds" / f"ref__{name}.csv", seeds)
    for name, query in MODELS.items():
        path = project / "models" / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(query + "\n", encoding="utf-8")
    (project / "models" / "staging" / "sources.yml").write_text(SOURCES, encoding="utf-8")
    entries = []
    tested = {"fct_reports": RULES, "dim_children": OWN_RULES, "fct_episodes": LEADING}
    for name, arguments in tested.items():
        rules = {"rules": {"name": f"rules_of_{name}", "arguments": arguments}}
        entries.append({"name": name, "data_tests": [rules]})
    entries[0]["constraints"] = [{"type": "primary_key", "columns": ["report_id_register"]}]
    document = {"models": entries}
    path = project / "models" / "marts" / "register" / "fct_reports.yml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return project, seeds


def change_most_keys(project: Path) -> None:
    """Let every later build change most keys, and hold it to the register's own tolerance."""
    marts, seeds = project / "models" / "marts" / "quality", project.parent / "seeds"
    marts.mkdir()
    (marts / "agg_identity_churn_by_generation.sql").write_text(CHURN, encoding="utf-8")
    test = "assert_no_more_keys_change_than_the_tolerance_allows.sql"
    shutil.copy(PROJECT_ROOT / "dbt_project" / "tests" / "identity" / test, project / "tests")
    shutil.copy(PROJECT_ROOT / "seeds" / "ref__hold_tolerances.csv", seeds)


def break_the_audit(project: Path) -> Path:
    """Add a dbt test that fails; return its file, so that a test can mend the project."""
    path = project / "tests" / "assert_there_is_no_report.sql"
    path.write_text(FAILING_TEST, encoding="utf-8")
    return path


def break_own_rule(project: Path) -> None:
    """Add a second row to the children, so that one of their two rules is broken."""
    path = project / "models" / f"{CHILDREN}.sql"
    query = path.read_text(encoding="utf-8")
    path.write_text(f"{query}union all {query}", encoding="utf-8")


def break_relationship(project: Path) -> None:
    """Let episodes lead to no report."""
    path = project / "models" / f"{EPISODES}.sql"
    path.write_text("select 'E9' as episode_id_register from {{ ref('fct_reports') }}\n")


def break_two_rules(project: Path) -> None:
    """Change the reports so that two of their rules are broken."""
    path = project / "models" / f"{REPORTS}.sql"
    query = path.read_text(encoding="utf-8")
    broken = query.replace("'E1' as", "null as").replace("'C1' as", "'C2' as")
    assert broken != query
    path.write_text(broken, encoding="utf-8")
