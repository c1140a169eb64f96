"""How a test follows each page of the tutorial and the how-to pages, command by command.

The commands are those of the page, word for word. A page without an entry fails a test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.docs.followed_pages import read_blocks
from tests.docs.page_reader import Reader
from tests.docs.test_add_a_layout import PAGE as LAYOUT_PAGE
from tests.docs.test_add_a_layout import SAMPLE

Value = str | Callable[[Reader], str]
NEEDS_SOMEBODY = 5
DEVELOPMENT_KEY = '$(python -c "from register.settings import DEVELOPMENT_KEY as k; print(k)")'
NEW_KEYS = f"""\
export REGISTER_PSEUDONYM_KEY_BEFORE={DEVELOPMENT_KEY}
export REGISTER_PSEUDONYM_KEY=kZ8v2QpL5rT9wXyB3nM7cF1dG4hJ6sA0
"""


@dataclass(frozen=True)
class Step:
    """What a reader does with the commands that begin with the same words.

    `before` are commands of shell that bring the home into the state of the page's reader; `typed`
    is what the reader answers; `test` follows the command in place of this one.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    ends: int = 0
    typed: str = ""
    before: str = ""
    answers: str = ""
    not_run: str = ""
    test: str = ""


def _read_value(command: str, key: str, place: int = 0) -> Callable[[Reader], str]:
    """Return a value of the first row that a command answers, or of the row at a place."""
    return lambda reader: str(reader.read_json(command)[place][key])


def _query(sql: str) -> Callable[[Reader], str]:
    """Return the values of a query of the published register, one after the other."""
    code = (
        "import duckdb, os; path = os.environ['REGISTER_HOME'] + "
        "'/published/current/national_register.duckdb'; rows = duckdb.connect(path, "
        f'read_only=True).execute("{sql}").fetchall(); '
        "print('|'.join(str(v) for row in rows for v in row))"
    )
    return lambda reader: reader.run(f"python - <<'END'\n{code}\nEND").strip()


def _nth(values: Callable[[Reader], str], place: int) -> Callable[[Reader], str]:
    return lambda reader: values(reader).split("|")[place]


CHILD = _query("select min(child_id_register) from register.bridge_child_sources")
RECORDS = _query(
    "select mention_id_register from register.bridge_child_sources where child_id_register = ("
    "select child_id_register from register.bridge_child_sources group by 1"
    " having count(*) > 1 order by 1 limit 1) order by 1 limit 2"
)
HELD = _read_value("register deliveries --outcome held", "delivery_id")
REJECTED = _read_value("register deliveries --outcome rejected", "delivery_id")
# Two records of two children whose names, dates and places differ.
STRANGERS = _query(
    "select mention_id_register from register.bridge_child_sources"
    " qualify row_number() over (order by child_id_register) in (1, 9) order by child_id_register"
)


def _write_layout(reader: Reader) -> str:
    """Write the layout of the page that adds one, and return its path."""
    path = reader.home.parent / "sixth.yaml"
    (layout,) = (each for each in read_blocks(LAYOUT_PAGE) if not each.count)
    path.write_text(layout.lines, encoding="utf-8")
    return str(path)


def _write_sample(reader: Reader) -> str:
    path = reader.home.parent / "misper.txt"
    path.write_text("\n".join("\t".join(row) for row in SAMPLE), encoding="iso-8859-15")
    return str(path)


def _write_sample_folder(reader: Reader) -> str:
    folder = reader.home.parent / "sample"
    folder.mkdir()
    text = "Case Ref,Surname,Born,Reported\nR1,Testperson,04/03/2012,01/10/2026 10:00\n"
    (folder / "misper.csv").write_text(text, encoding="utf-8")
    return str(folder)


def _find_candidate(reader: Reader) -> str:
    return str(reader.read_json("register identity models")["candidates"][-1]["version"])


PAIR = _read_value("register review", "review_pair_id")
DECIDED = (
    "register review decide "
    "$(register review --json | python -c 'import json, sys; "
    'print(json.load(sys.stdin)[0]["review_pair_id"])\')'
    " --decision never_link --by 'Your name' --reason 'Twins'"
)
CHECKOUT = "needs the project's repository and the packages; `.ci/run` begins with this"
RECEIPTS = "tests/feeds/test_receipt_keys.py"
APPROVALS = "tests/access_record/test_approvals.py"
WHOLE_PROJECT = "checks the whole project: `.ci/run` runs it"
SYSTEM = "needs root and systemd"
DOCKER = "needs Docker or Kubernetes"
SPARK = "needs Java and Spark: tests/spark runs it where both are"
DELIVER = "tests/web/test_deliver_page.py::test_a_system_delivers_with_the_commands_of_the_page"
BY_COMMANDS = "tests/orchestration/test_release_by_commands.py"
SIGNERS = (
    "tests/statistics/test_signatures.py::test_the_commands_write_and_read_the_list_of_signers"
)
ODBC = "needs the ODBC driver: tests/serving/test_odbc.py runs where it is installed"
SESSION = "A. Reviewer\nstop\n"
PASSWORD = "correct horse battery\ncorrect horse battery\n"
RUNS: dict[str, dict[str, Step]] = {
    "tutorial/first-load.md": {
        "git clone": Step(not_run=CHECKOUT),
        "cd register": Step(not_run=CHECKOUT),
        "make setup": Step(not_run=CHECKOUT),
        "export": Step(not_run="the home and the path of the test are set otherwise"),
    },
    "tutorial/follow-a-row.md": {
        "register": Step(
            test="tests/docs/test_followed_row.py::test_the_page_shows_what_its_commands_print"
        )
    },
    "how-to/accept-changed-keys.md": {},
    "how-to/access-record.md": {
        "register access log": Step({"CHILD": CHILD}),
        "register access restart": Step(before='rm -r "$REGISTER_HOME/access_record"'),
        "register access deliver": Step(
            before='export REGISTER_OUTSIDE_RECORD="$REGISTER_HOME/../outside.jsonl"\n'
            'touch "$REGISTER_OUTSIDE_RECORD"'
        ),
    },
    "how-to/add-a-field.md": {
        "make lint": Step(not_run=WHOLE_PROJECT),
        "python -m pytest": Step(not_run=WHOLE_PROJECT),
        "REGISTER_HOME=": Step(
            test="tests/docs/test_add_a_field.py"
            "::test_a_field_added_as_the_page_says_is_in_the_mart"
        ),
    },
    "how-to/add-a-layout.md": {
        "register layouts draft": Step({"FOLDER": _write_sample_folder}),
        "register layouts check": Step(
            {"register/feeds/layouts/sixth.yaml": _write_layout, "PATH": _write_sample}
        ),
    },
    "how-to/add-a-measure.md": {
        "make lint": Step(not_run=WHOLE_PROJECT),
        "make demo": Step(not_run=WHOLE_PROJECT),
        "python -m pytest": Step(not_run=WHOLE_PROJECT),
    },
    "how-to/add-a-page.md": {
        "make lint": Step(not_run=WHOLE_PROJECT),
        ".venv/bin/python -m pytest": Step(
            test="tests/docs/test_add_a_page.py"
            "::test_a_page_of_the_site_added_as_the_page_says_is_built"
        ),
    },
    "how-to/add-a-rule.md": {
        "make lint": Step(not_run=WHOLE_PROJECT),
        ".venv/bin/python -m pytest": Step(
            test="tests/docs/test_add_a_rule.py::test_the_tests_that_the_page_writes_hold"
        ),
        "register check": Step(
            test="tests/docs/test_add_a_rule.py"
            "::test_a_rule_added_as_the_page_says_is_found_by_a_check"
        ),
    },
    "how-to/announce-a-recording-change.md": {},
    "how-to/audit-a-sample.md": {
        "register audit enter": Step(
            before="sed 's/,,,,$/,both,yes,yes,yes/'"
            ' "$REGISTER_HOME"/operations/audit/*/results.csv > results.csv'
        ),
    },
    "how-to/bi-guide.md": {},
    "how-to/check-a-home.md": {
        "touch": Step(not_run="needs the disk of another machine"),
        "chattr": Step(not_run="needs root, and the disk of another machine"),
    },
    "how-to/check-before-sending.md": {
        "register check --serve": Step(answers="http://127.0.0.1:8322"),
        "register guide": Step({"FOLDER": "guide"}),
    },
    "how-to/compare-generations.md": {},
    "how-to/conformance.md": {
        "register guide": Step({"FOLDER": "guide"}),
        "register conformance write": Step({"FOLDER": "kit"}),
        "register conformance run": Step({"FOLDER": "kit"}),
    },
    "how-to/deliver.md": {"": Step(test=DELIVER)},
    "how-to/connect-bi-tools.md": {"echo": Step(not_run=ODBC)},
    "how-to/deploy.md": {
        "useradd": Step(not_run=SYSTEM),
        "git": Step(not_run=CHECKOUT),
        "make": Step(not_run=CHECKOUT),
        "install": Step(not_run=SYSTEM),
        "cp": Step(not_run=SYSTEM),
        "systemctl": Step(not_run=SYSTEM),
        "docker": Step(not_run=DOCKER),
        "sudo": Step(not_run=SYSTEM),
    },
    "how-to/encrypt-a-home.md": {
        "register keys rotate": Step(
            before='register keys new > keys\nexport REGISTER_DATA_KEYS_FILE="$PWD/keys"'
        ),
        "register keys rotate-pseudonyms": Step(before=NEW_KEYS),
    },
    "how-to/erase-a-child.md": {
        "register erase --child": Step({"KEY": CHILD}),
        "register access request": Step({"KEY": CHILD}),
        "register erase --verify": Step(typed="Quillonby-Invented\n"),
    },
    "how-to/follow-a-figure.md": {},
    "how-to/give-access.md": {},
    "how-to/go-back-a-generation.md": {},
    "how-to/handle-a-held-delivery.md": {
        "register feedback": Step({"DELIVERY": HELD}),
        "register deliveries refuse": Step({"DELIVERY": HELD}),
    },
    "how-to/look-back.md": {},
    "how-to/look-up-a-childs-key.md": {},
    "how-to/read-a-rejected-delivery.md": {"register feedback": Step({"DELIVERY": REJECTED})},
    "how-to/receipts-and-manifests.md": {
        "register receipts verify": Step(
            test=f"{RECEIPTS}::test_anybody_verifies_a_receipt_by_command_without_a_home"
        ),
        "register manifest": Step(
            test=f"{RECEIPTS}::test_a_written_manifest_agrees_with_its_delivery"
        ),
    },
    "how-to/release-statistics.md": {
        "register statistics": Step(test=f"{BY_COMMANDS}::test_a_release_goes_out_by_the_commands"),
        "register statistics note": Step(
            test=f"{BY_COMMANDS}::test_a_revision_says_why_figures_moved"
        ),
        "register statistics export": Step(
            test=f"{BY_COMMANDS}::test_a_published_release_is_exported_and_a_draft_is_not"
        ),
        "register statistics revise": Step(
            test=f"{BY_COMMANDS}::test_a_revision_says_why_figures_moved"
        ),
        "register statistics revise 2026 --correction": Step(
            test=f"{BY_COMMANDS}::test_a_version_after_a_withdrawn_one_is_compared_with_it"
        ),
        "register statistics signers": Step(test=SIGNERS),
        "register statistics verify": Step(test=SIGNERS),
        "register statistics withdraw": Step(
            test=f"{BY_COMMANDS}::test_a_version_after_a_withdrawn_one_is_compared_with_it"
        ),
    },
    "how-to/repair-damaged-files.md": {},
    "how-to/repair-decision-files.md": {
        "register load": Step(before='rm "$REGISTER_HOME/decisions/links.csv"')
    },
    "how-to/restore.md": {
        "register backup": Step(
            before='export REGISTER_BACKUP="$PWD/backups"\n'
            "export REGISTER_BACKUP_KEY=kZ8v2QpL5rT9wXyB3nM7cF1dG4hJ6sA0"
        ),
        "register backup list": Step(),
        "register backup verify": Step(),
        "register restore": Step({"/srv/register": "restored"}),
        "register restore /srv/register --at": Step(
            {"/srv/register": "restored-too", "2026-03-31T12:00": "2099-03-31T12:00"}
        ),
        "register load": Step(before='export REGISTER_HOME="$PWD/restored"'),
    },
    "how-to/review-pairs.md": {
        "register review --pair": Step({"PAIR": PAIR}, typed=SESSION),
        "register review --next": Step(typed=SESSION),
        "register review decide PAIR": Step({"PAIR": PAIR}),
        "register review decide LEFT RIGHT": Step(
            {"LEFT": _nth(STRANGERS, 0), "RIGHT": _nth(STRANGERS, 1)}
        ),
        "register review undo PAIR": Step({"PAIR": PAIR}, before=DECIDED),
        "register explain LEFT RIGHT": Step({"LEFT": _nth(RECORDS, 0), "RIGHT": _nth(RECORDS, 1)}),
        "register explain CHILD": Step({"CHILD": CHILD}),
        "register review --blind": Step(typed="different\nstop\n"),
        "register review --double": Step(
            before='printf "same\\nsame\\nstop\\n" | register review --blind --by "Another"',
            typed="same\nstop\n",
        ),
        "register review --sample": Step(typed="same\nstop\n"),
        "register identity clerical-sample --cap": Step(
            test="tests/review/test_cap_samples.py::test_the_command_draws_the_sample_of_a_cap"
        ),
    },
    "how-to/run-a-load.md": {"register status": Step(ends=NEEDS_SOMEBODY)},
    "how-to/run-on-spark.md": {
        "make": Step(not_run=SPARK),
        "register load": Step(not_run=SPARK),
        "docker": Step(not_run=DOCKER),
        "kubectl": Step(not_run=DOCKER),
        "REGISTER_SPARK": Step(not_run=SPARK),
        "export SPARK_HOME": Step(not_run=SPARK),
        "$SPARK_HOME": Step(not_run=SPARK),
    },
    "how-to/schedule-loads.md": {"register ui": Step(answers="http://127.0.0.1:3000")},
    "how-to/set-a-delivery-aside.md": {},
    "how-to/take-in-deliveries.md": {},
    "how-to/tell-suppliers.md": {
        "register feedback": Step({"DELIVERY": REJECTED, "FILE": "feedback.csv"}),
        "register receipts show": Step({"DELIVERY": REJECTED, "FOLDER": "receipts"}),
    },
    "how-to/train-and-judge-linkage.md": {
        "register identity report": Step({"MODEL": _find_candidate, "REPORT": "report"}),
        "register identity pin": Step(
            test="tests/test_linkage_models.py::test_a_pinned_model_links_from_the_next_build_on"
        ),
        "register identity unpin": Step(
            test="tests/test_linkage_models.py::test_a_pin_is_taken_back_step_by_step"
        ),
        "register identity evaluate --mentions": Step(
            test="tests/identity/evaluate/test_command.py"
            "::test_a_set_of_mentions_is_linked_as_a_load_links_and_reported"
        ),
        "register identity evaluate --left A.csv --right": Step(
            test="tests/identity/evaluate/test_table_evaluation.py"
            "::test_any_two_tables_can_be_evaluated_from_files"
        ),
        "register identity evaluate --left A.csv --dedupe": Step(
            test="tests/identity/evaluate/test_table_evaluation.py"
            "::test_one_table_is_searched_for_duplicates_but_not_one_to_one"
        ),
        "python": Step(
            test="tests/benchmarks/test_external_validation.py"
            "::test_a_validation_nation_is_measured_on_the_whole_path"
        ),
    },
    "how-to/two-people.md": {
        "register access request": Step({"KEY": RECORDS}),
        "register access approve": Step(test=f"{APPROVALS}::test_commands_ask_and_approve"),
        "register statistics sign": Step(
            test="tests/statistics/test_signatures.py::test_a_signatory_signs_by_command"
        ),
        "register access approve REQUEST --key": Step(
            test=f"{APPROVALS}::test_a_signatory_signs_with_a_personal_key"
        ),
        "openssl": Step(not_run="asks for a password at the terminal"),
    },
    "how-to/upgrade.md": {
        "git": Step(not_run=CHECKOUT),
        "make": Step(not_run=CHECKOUT),
        "register status": Step(ends=NEEDS_SOMEBODY),
        "register keys rotate-pseudonyms": Step(before=NEW_KEYS),
        "register deliveries confirm": Step({"DELIVERY": HELD}),
        "register generations rollback": Step(
            {"GENERATION": _read_value("register generations", "generation_id", -1)}
        ),
    },
    "how-to/web.md": {
        "register web account add": Step({"NAME": "ann"}, typed=PASSWORD),
        "register web account add NAME --role": Step({"NAME": "rita"}, typed=PASSWORD),
        "register web account add NAME --role supplier": Step(
            {"NAME": "sam", "CODE": "373"}, typed=PASSWORD
        ),
        "register web token add": Step({"NAME": "system", "CODE": "373"}),
        "register web account add NAME --proxied": Step({"NAME": "ben"}),
        "register web account password": Step({"NAME": "ann"}, typed=PASSWORD),
        "register web account remove": Step({"NAME": "rita"}),
        "register web": Step(answers="http://127.0.0.1:8321"),
        "register web account list": Step(),
    },
}


def find_step(page: str, command: str) -> tuple[str, Step]:
    """Return the step of a command with the longest beginning, and that beginning."""
    steps = RUNS[page]
    beginning = max((each for each in steps if command.startswith(each)), key=len, default="")
    return beginning, steps.get(beginning, Step())


def take_step(reader: Reader, command: str, step: Step) -> None:
    """Run a command as the page's reader does."""
    values = {
        word: value if isinstance(value, str) else value(reader)
        for word, value in step.values.items()
        if word in command
    }
    for line in filter(None, step.before.splitlines()):
        reader.run(line)
    if step.answers:
        reader.serve(command, step.answers, **values)
    else:
        reader.run(command, step.ends, step.typed, **values)
