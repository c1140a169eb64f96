"""Dagster definitions by concern, in flow order: ingest, transform, publish, measure, run."""
