"""The quality site of the current generation: files that open without a network.

The door is `build_site`. A page is one module named for it; `contents` is what several pages show,
`figures` reads published marts, `sections`, `site_charts` and `rendering` are what pages are made
of. The site shows what was measured and what the published marts contain. It measures nothing
itself, except where the current generation has no results yet.
"""

from __future__ import annotations

import logging
import shutil
import uuid
from datetime import datetime
from pathlib import Path

from expectations import (
    Published,
    Result,
    ScopedMeasure,
    all_specs,
    generation_to_measure,
    measure,
    read_results,
)
from interfaces.quality_site.agreement_page import agreement_page
from interfaces.quality_site.areas_page import areas_pages
from interfaces.quality_site.audit_page import audit_page
from interfaces.quality_site.checks_page import checks_page
from interfaces.quality_site.contents import Contents
from interfaces.quality_site.deliveries_page import deliveries_page
from interfaces.quality_site.delivery_page import delivery_pages
from interfaces.quality_site.front_page import front_page
from interfaces.quality_site.linkage_page import linkage_page
from interfaces.quality_site.measures_page import measures_page
from interfaces.quality_site.method_page import method_page
from interfaces.quality_site.reconciliation_page import reconciliation_page
from interfaces.quality_site.rendering import STYLE, Link, Renderer, Site
from interfaces.quality_site.rows_page import rows_pages
from interfaces.quality_site.rules_page import rules_pages
from interfaces.quality_site.sections import Page
from interfaces.quality_site.suites_page import suites_pages
from interfaces.quality_site.suppliers_page import SupplierFigures, suppliers_pages
from register.publishing import Generation
from register.settings import Settings

__all__ = ["build_site"]

logger = logging.getLogger(__name__)


def build_site(settings: Settings) -> Path:
    """Write the site of the current generation and return its front page.

    The old site is replaced as a whole, when the new one is complete. Raises
    `NotPublishedError` when nothing is published.
    """
    generation = generation_to_measure(settings)
    results = _results(settings, generation)
    with Published(generation.folder) as published:
        contents = Contents(settings, published, results)
        suppliers = SupplierFigures(contents)
        pages = [
            front_page(contents),
            checks_page(contents),
            agreement_page(contents),
            linkage_page(contents),
            measures_page(contents),
            reconciliation_page(contents),
            *areas_pages(contents, suppliers.cards),
            *suppliers_pages(contents, suppliers),
            *rows_pages(contents),
            *suites_pages(contents),
            audit_page(contents),
            deliveries_page(contents),
            *delivery_pages(contents),
            *rules_pages(contents),
            method_page(contents),
        ]
        folder = _write(settings, Renderer(_site(generation, contents)), pages)
    logger.info("the quality site of %s has %d pages", generation.generation_id, len(pages))
    return folder / "index.html"


def _results(settings: Settings, generation: Generation) -> list[Result]:
    kept = read_results(settings, generation.generation_id)
    return kept or list(measure(settings).results)


def _site(generation: Generation, contents: Contents) -> Site:
    manifest = generation.folder / "manifest.json"
    published_at = ""
    if manifest.is_file():
        moment = datetime.fromisoformat(generation.manifest()["published_at"])
        published_at = f"{moment:%-d %B %Y at %H:%M} UTC"
    links = (
        Link("Children missing", "index.html"),
        Link("Areas", "areas/index.html"),
        Link("Agreement", "agreement.html"),
        Link("How sure", "linkage.html"),
        Link("Measures", "measures.html"),
        Link("Reconciliation", "reconciliation.html"),
        Link("Suppliers", "suppliers/index.html"),
        Link("Deliveries", "deliveries.html"),
        Link("Checks", "checks.html"),
        Link("Suites", "suites/index.html"),
        Link("Audit sample", "audit.html"),
        Link("History", "history.html"),
        Link("Method", "method.html"),
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
