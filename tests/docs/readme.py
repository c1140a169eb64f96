"""What the README prints of a load and of a query, as its tests read it.

`python -m tests.docs.readme LOG` compares it with what `make demo` printed.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from register.publishing import Summary
from register.settings import PROJECT_ROOT

PAGE = PROJECT_ROOT / "README.md"
LOAD = re.compile(r"ends with these lines\..*?^```\n(.*?)^```", re.MULTILINE | re.DOTALL)
QUESTION = re.compile(r"^```sql\n(.*?)^```\n\n^```\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Printed:
    """The lines of the load's summary, and the query with its answer."""

    summary: tuple[str, ...]
    sql: str
    answer: str

    def counts(self) -> dict[str, int]:
        """Return the count on each line of the summary, by its title."""
        lines = (re.fullmatch(r"(\D+) ([\d,]+)(?: \(\d+%\))?", line) for line in self.summary)
        return {line[1]: int(line[2].replace(",", "")) for line in lines if line}


def count_by_title(summary: Summary) -> dict[str, int]:
    """Return the counts of a load by the titles under which the command prints them."""
    titles = {"both": "both sources", "police_only": "police only"}
    titles["authority_only"] = "authority only"
    known, expected = summary.agreement, summary.agreement_where_both_expected
    return {
        "Deliveries accepted": summary.delivery_outcomes["accepted"],
        "Deliveries accepted with quarantined rows": summary.delivery_outcomes[
            "accepted_with_quarantine"
        ],
        "Deliveries rejected": summary.delivery_outcomes["rejected"],
        "Deliveries held": summary.delivery_statuses["held"],
        "Deliveries withdrawn": summary.delivery_statuses.get("withdrawn", 0),
        "Reports": summary.report_count,
        "Episodes": summary.episode_count,
        "Children": summary.child_count,
        "Rule breaches": summary.rule_breach_count,
        **{f"Episodes known to {title}": known[code] for code, title in titles.items()},
        **{
            f"Of those that should be known to both: {title}": expected[code]
            for code, title in titles.items()
        },
    }


def read_printed(text: str) -> Printed:
    """Read the printed parts of the README."""
    load, question = LOAD.search(text), QUESTION.search(text)
    assert load
    assert question
    lines = tuple(" ".join(line.split()) for line in load[1].splitlines())
    return Printed(lines, question[1], question[2])


def find_unprinted_lines(log: str) -> list[str]:
    """Return the lines of the README's summary that a load did not print."""
    printed = {" ".join(line.split()) for line in log.splitlines()}
    return [
        line
        for line in read_printed(PAGE.read_text(encoding="utf-8")).summary
        if line not in printed
    ]


if __name__ == "__main__":
    if unprinted := find_unprinted_lines(Path(sys.argv[1]).read_text(encoding="utf-8")):
        sys.exit("the README has lines that the load did not print:\n" + "\n".join(unprinted))
