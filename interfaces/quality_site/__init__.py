"""The quality site of the current generation: static files, built by `build_site`.

Each kind of page has one module; `tables.yaml` has the captions and headings of tables. Checks and
their tolerances belong in `expectations`, figures in the marts of `dbt_project`.
"""

from __future__ import annotations

import logging
import shutil
import uuid
from datetime import datetime
from pathlib import Path

from expectations import (
    Published,
    ScopedMeasure,
    all_specs,
    generation_to_measure,
    measure,
    read_results,
)
from interfaces.quality_site.agreement_page import build_agreement_page
from interfaces.quality_site.areas_page import build_areas_pages
from interfaces.quality_site.audit_page import build_audit_page
from interfaces.quality_site.checks_page import build_checks_page
from interfaces.quality_site.contents import Contents
from interfaces.quality_site.deliveries_page import build_deliveries_page
from interfaces.quality_site.delivery_page import build_delivery_pages
from interfaces.quality_site.front_page import build_front_page
from interfaces.quality_site.linkage_page import build_linkage_page
from interfaces.quality_site.measures_page import build_measures_page
from interfaces.quality_site.method_page import build_method_page
from interfaces.quality_site.reconciliation_page import build_reconciliation_page
from interfaces.quality_site.rendering import Renderer, Site
from interfaces.quality_site.rows_page import build_rows_pages
from interfaces.quality_site.rules_page import build_rules_pages
from interfaces.quality_site.sections import Page, PageLink
from interfaces.quality_site.suites_page import build_suites_pages
from interfaces.quality_site.suppliers_page import SupplierFigures, build_suppliers_pages
from register.appearance import build_style_sheet
from register.publishing import Generation
from register.settings import Settings

__all__ = ["build_site"]

logger = logging.getLogger(__name__)


def build_site(settings: Settings) -> Path:
    """Write the site of the current generation, and return its front page.

    The old site is replaced as a whole once the new one is complete. Raises `NotPublishedError` if
    nothing is published.
    """
    generation = generation_to_measure(settings)
    results = read_results(settings, generation.generation_id) or list(measure(settings).results)
    with Published(generation.folder) as published:
        contents = Contents(settings, published, results)
        suppliers = SupplierFigures(contents)
        pages = [
            build_front_page(contents),
            build_checks_page(contents),
            build_agreement_page(contents),
            build_linkage_page(contents),
            build_measures_page(contents),
            build_reconciliation_page(contents),
            *build_areas_pages(contents, suppliers.cards),
            *build_suppliers_pages(contents, suppliers),
            *build_rows_pages(contents),
            *build_suites_pages(contents),
            build_audit_page(contents),
            build_deliveries_page(contents),
            *build_delivery_pages(contents),
            *build_rules_pages(contents),
            build_method_page(contents),
        ]
        folder = _write_pages(settings, Renderer(_describe_site(generation, contents)), pages)
    logger.info("the quality site of %s has %d pages", generation.generation_id, len(pages))
    return folder / "index.html"


def _describe_site(generation: Generation, contents: Contents) -> Site:
    manifest = generation.folder / "manifest.json"
    published_at = ""
    if manifest.is_file():
        moment = datetime.fromisoformat(generation.manifest()["published_at"])
        published_at = f"{moment:%-d %B %Y at %H:%M} UTC"
    links = (
        PageLink("Children missing", "index.html"),
        PageLink("Areas", "areas/index.html"),
        PageLink("Agreement", "agreement.html"),
        PageLink("How sure", "linkage.html"),
        PageLink("Measures", "measures.html"),
        PageLink("Reconciliation", "reconciliation.html"),
        PageLink("Suppliers", "suppliers/index.html"),
        PageLink("Deliveries", "deliveries.html"),
        PageLink("Fit for use", "checks.html"),
        PageLink("Checks", "suites/index.html"),
        PageLink("Audit sample", "audit.html"),
        PageLink("History", "history.html"),
        PageLink("Method", "method.html"),
    )
    return Site(
        generation=generation.generation_id,
        published_at=published_at,
        suppliers={row["supplier_code"]: row["supplier_name"] for row in contents.suppliers},
        deliveries=contents.delivery_ids,
        links=links,
        scope_kinds={
            spec.name: spec.measure.scope_kind
            for spec in all_specs()
            if isinstance(spec.measure, ScopedMeasure) and spec.measure.scope_kind != "nation"
        },
        missing="" if contents.gaps.can_compare else contents.gaps.describe_missing(),
    )


def _write_pages(settings: Settings, renderer: Renderer, pages: list[Page]) -> Path:
    fresh = settings.quality / f".site-{uuid.uuid4().hex}"
    try:
        for page in pages:
            path = fresh / page.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(renderer.render(page), encoding="utf-8")
        style = build_style_sheet("interfaces.quality_site", "templates/style.css")
        (fresh / "style.css").write_text(style, encoding="utf-8")
        return _replace_site(settings.quality / "site", fresh)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _replace_site(site: Path, fresh: Path) -> Path:
    """Replace the site that readers see with the new one, which is complete."""
    old = site.with_name(f".site-{uuid.uuid4().hex}")
    if site.exists():
        site.rename(old)
    fresh.rename(site)
    shutil.rmtree(old, ignore_errors=True)
    return site
