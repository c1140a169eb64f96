"""The confidentiality statement of a release: rules, parameters, and what was hidden."""

from __future__ import annotations

from collections.abc import Mapping

from official_statistics.documents.facts import Confidentiality, ReleaseFacts
from official_statistics.documents.public_files import PublicFile


def confidentiality_text(
    facts: ReleaseFacts, done: Confidentiality, files: Mapping[str, PublicFile]
) -> str:
    """Return `confidentiality.md`."""
    rule = {name: f"{value:g}" for name, value in done.rules.items()}
    share = f"{100 * done.rules['dominance_share']:g}%"
    lines = [
        f"# How children are protected: {facts.title}",
        "",
        "Nobody can be found in these tables, and no hidden count can be worked out from them.",
        "Rules are applied in this order:",
        "",
        "| rule | what it does |",
        "|---|---|",
        f"| Few children | A count is hidden (`c`) where 1 to {rule['few_children_most']} children "
        "are behind it, however many episodes they had. 0 is shown as 0 |",
        "| Dominance | A count of episodes is hidden where two children have "
        f"{share} of it or more |",
        "| Rounding | Every other count is rounded to the nearest "
        f"{rule['rounding_unit_authority']} for authorities and forces, and to the nearest "
        f"{rule['rounding_unit_area']} for regions and England |",
        "| Made from shown counts | Percentages, averages, intervals and coefficients are made "
        "from shown counts alone, so anyone can compute them again |",
        "| Secondary suppression | More counts are hidden until an attack finds at least "
        f"{rule['hidden_width_least']} possible values for every hidden count |",
        "| Revisions | An authority's year is replaced whole, and only where the episodes of more "
        f"than {rule['revision_children_most']} children differ |",
        "",
        "## What was hidden",
        "",
        "| file | counts | hidden |",
        "|---|---:|---:|",
    ]
    # Not how many of them for few children: where all of a file are, each is 7 at most.
    lines += [
        f"| `{name}` | {found.cells:,} | {found.first + found.second:,} |"
        for name, found in done.files.items()
        if name in files
    ]
    lines += [
        "",
        "## The attack",
        "",
        "Linear programmes tried to work out every hidden count from all files of this release and",
        "of every release before it that is public. They used what `ties.yaml` says of how counts",
        "add up.",
        f"Hidden counts with one possible value: {done.exact:,}. "
        f"With fewer than {rule['hidden_width_least']}: {done.too_narrow:,}.",
        "",
        "What is hidden was also chosen as the smallest authorities see it, each of which knows",
        f"its own counts: one authority in fifteen, {rule['own_counts_authority_count']} at most.",
        "The counts of other areas stay hidden from them too.",
        "",
        "## What is not protected",
        "",
        "- That a count is 0.",
        "- That all episodes of an area have one answer.",
        "- What a supplier knows of its own records, and may learn of its own area.",
        "",
    ]
    return "\n".join(lines)
