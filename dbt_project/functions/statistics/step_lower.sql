power(greatest(0.0, coalesce(from_measure - to_measure, 0.0)), 2)
