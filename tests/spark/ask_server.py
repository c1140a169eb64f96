"""`python -m tests.spark.ask_server REMOTE FOLDER`: what a build asks of Spark, asked of a server.

Writes the answers as JSON. A process has one Spark, so a test that has its own starts this one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from engines.spark import Functions, read_statements
from engines.spark.driver_models import DriverModel
from engines.spark.files import read_frame
from engines.spark.spark_session import get_session, run_statement

MODEL = """
class dbtObj:
    class this:
        pass

    def __init__(self, load):
        self.ref = load

def model(dbt, session):
    rows = dbt.ref("register.numbers")
    made = "one + 1 as one, cast(18446744073709551615 as ubigint) as hash"
    return rows.project(made).to_arrow_table()
"""


def answers(remote: str, folder: Path) -> dict[str, Any]:
    """Make a seed, a table, a view and a Python model on the server, and read them."""
    parameters = {
        "spark.remote": remote,
        "spark.register.driverRows": "100",
        "spark.register.driverMentions": "100",
        "spark.sql.warehouse.dir": str(folder),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
    }
    spark = get_session(parameters)

    def ask(text: str) -> Any:
        for statement in read_statements(text, Functions()):
            result = run_statement(spark, statement, folder)
        return result

    ask(f"create schema if not exists register location '{folder}/register.db'")
    codes = folder / "codes.csv"
    codes.write_text("code,name\n1,one\n", encoding="utf-8")
    ask(
        f"copy register.codes from '{codes}' (header true);"
        " create table register.codes (code integer, name varchar)"
    )
    nobody = folder / "nobody.csv"
    nobody.write_text("code,seen_at\n", encoding="utf-8")
    ask(
        f"copy register.nobody from '{nobody}' (header true);"
        " create table register.nobody (code integer, seen_at timestamp)"
    )
    ask("create or replace table register.numbers as (select code as one from register.codes)")
    ask("create or replace view register.shown as (select * from register.numbers)")
    credential = SimpleNamespace(server_side_parameters=parameters)
    DriverModel({"schema": "register", "alias": "made"}, credential).submit(MODEL)
    moment = ask("select cast('2025-07-01 12:00:00.25' as timestamp) as moment")
    # Spark writes a file for a table without rows, and Sail none.
    empty = folder / "register.db" / "nobody"
    return {
        "is_remote": "connect" in type(spark).__module__,
        "shown": [row.one for row in ask("select * from register.shown").collect()],
        "nobody": [name for name, _ in spark.table("register.nobody").dtypes],
        "made": read_frame(spark.table("register.made")).to_pylist(),
        "moment": str(read_frame(moment)["moment"][0].as_py()),
        "tables": sorted(path.name for path in (folder / "register.db").iterdir() if path != empty),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(answers(sys.argv[1], Path(sys.argv[2]))))
