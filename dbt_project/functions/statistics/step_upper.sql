power(greatest(0.0, coalesce(to_measure - from_measure, 0.0)), 2)
