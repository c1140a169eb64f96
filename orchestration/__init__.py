"""When things happen: by schedule and sensor (Dagster), or by a person's command."""
