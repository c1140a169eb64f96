cast({{ utc_to_london('moment') }} as date)
