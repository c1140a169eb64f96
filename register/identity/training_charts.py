"""Charts of a training run, saved as files beside its report: Vega-Lite JSON and a picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def save_charts(linker: Any, folder: Path | None) -> list[str]:
    """Save Splink's charts of weights as Vega-Lite JSON and, where it can be drawn, PNG."""
    if folder is None:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    charts = {
        "match_weights": linker.visualisations.match_weights_chart,
        "m_u_parameters": linker.visualisations.m_u_parameters_chart,
        "parameter_estimates": linker.visualisations.parameter_estimate_comparisons_chart,
    }
    return [name for stem, draw in charts.items() for name in _save_chart(folder, stem, draw())]


def _save_chart(folder: Path, stem: str, chart: Any) -> list[str]:
    """Save one chart; the picture needs vl-convert and is left out where it cannot be drawn."""
    import vl_convert

    specification = json.dumps(chart.chart_dict)
    (folder / f"{stem}.json").write_text(specification, encoding="utf-8")
    picture = vl_convert.vegalite_to_png(specification, vl_version="5.20", scale=1.0)
    (folder / f"{stem}.png").write_bytes(picture)
    return [f"{stem}.json", f"{stem}.png"]
