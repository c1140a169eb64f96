"""What the README prints of a load and of a query, as its tests read it."""

from __future__ import annotations

import re
from dataclasses import dataclass

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
