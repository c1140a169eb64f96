start_day is not null and coalesce(care_code, 'unknown') != 'short_break'
