{{ utc_to_london('moment') }}
= cast(cast({{ utc_to_london('moment') }} as date) as timestamp)
