coalesce(cast(yes_count - no_count as double) / nullif(yes_count + no_count, 0), 0.0)
