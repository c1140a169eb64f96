"""Builds the quality site of the current generation: files that open without a network.

It shows what was measured and what the published marts hold. It measures nothing itself, except
where the current generation has no results yet.
"""

from __future__ import annotations

import logging
import shutil
import uuid
from datetime import datetime
from pathlib import Path

from expectations.docs_site.agreement_page import agreement_page
from expectations.docs_site.audit_page import audit_page
from expectations.docs_site.contents import Contents, read_contents
from expectations.docs_site.front_page import front_page
from expectations.docs_site.linkage_page import linkage_page
from expectations.docs_site.measures_page import measures_page
from expectations.docs_site.reconciliation_page import reconciliation_page
from expectations.docs_site.reference_pages import deliveries_page, history_page, method_page
from expectations.docs_site.rendering import STYLE, Link, Page, Renderer, Site
from expectations.docs_site.run_pages import read_runs, run_pages, suites_page
from expectations.docs_site.sample_pages import sample_pages
from expectations.docs_site.suite_pages import suite_pages
from expectations.docs_site.supplier_pages import supplier_pages
from expectations.read import Published, generation_to_measure
from expectations.results import Result, read_results
from expectations.specs import ScopedMeasure
from expectations.suites import all_specs
from expectations.tolerances import read_tolerances
from register.publishing import Generation
from register.settings import Settings

logger = logging.getLogger(__name__)


def build_site(settings: Settings) -> Path:
    """Write the site of the current generation and return its front page.

    The old site is replaced as a whole, when the new one is complete. Raises
    `NotPublishedError` when nothing is published.
    """
    generation = generation_to_measure(settings)
    results = _results(settings, generation)
    with Published(generation.folder) as published:
        contents = read_contents(settings, published, results)
    runs = read_runs(settings)
    pages = [
        front_page(contents),
        agreement_page(contents),
        linkage_page(contents),
        measures_page(contents),
        reconciliation_page(contents),
        *supplier_pages(contents),
        *sample_pages(contents),
        suites_page(contents, runs),
        *suite_pages(contents),
        *run_pages(runs),
        audit_page(contents),
        deliveries_page(contents),
        history_page(runs),
        method_page(contents, read_tolerances(settings.seeds / "ref__agreement_tolerances.csv")),
    ]
    folder = _write(settings, Renderer(_site(generation, contents)), pages)
    logger.info("the quality site of %s has %d pages", generation.generation_id, len(pages))
    return folder / "index.html"


def _results(settings: Settings, generation: Generation) -> list[Result]:
    kept = read_results(settings, generation.generation_id)
    if kept:
        return kept
    from expectations.validate import measure

    return list(measure(settings).results)


def _site(generation: Generation, contents: Contents) -> Site:
    manifest = generation.folder / "manifest.json"
    published_at = ""
    if manifest.is_file():
        moment = datetime.fromisoformat(generation.manifest()["published_at"])
        published_at = f"{moment:%-d %B %Y at %H:%M} UTC"
    links = (
        Link("Fit for use", "index.html"),
        Link("Agreement", "agreement.html"),
        Link("How sure", "linkage.html"),
        Link("Measures", "measures.html"),
        Link("Reconciliation", "reconciliation.html"),
        Link("Suppliers", "suppliers/index.html"),
        Link("Deliveries", "deliveries.html"),
        Link("Suites", "suites/index.html"),
        Link("Audit sample", "audit.html"),
        Link("History", "history.html"),
        Link("Method", "method.html"),
    )
    return Site(
        generation=generation.generation_id,
        published_at=published_at,
        suppliers={row["supplier_code"]: row["supplier_name"] for row in contents.suppliers},
        links=links,
        scope_kinds={
            spec.name: spec.measure.scope_kind
            for spec in all_specs()
            if isinstance(spec.measure, ScopedMeasure) and spec.measure.scope_kind != "nation"
        },
    )


def _write(settings: Settings, renderer: Renderer, pages: list[Page]) -> Path:
    fresh = settings.quality / f".site-{uuid.uuid4().hex}"
    try:
        for page in pages:
            path = fresh / page.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(renderer.render(page), encoding="utf-8")
        shutil.copy(STYLE, fresh / "style.css")
        return _swap(settings.quality / "site", fresh)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _swap(site: Path, fresh: Path) -> Path:
    """Put the complete site where readers look for it."""
    old = site.with_name(f".site-{uuid.uuid4().hex}")
    if site.exists():
        site.rename(old)
    fresh.rename(site)
    shutil.rmtree(old, ignore_errors=True)
    return site
