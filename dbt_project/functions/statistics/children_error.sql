coalesce(sqrt(squares * (1 - recall)) / recall / nullif(absence_count, 0), 0)
