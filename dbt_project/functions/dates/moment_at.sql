{{ london_to_utc('cast(wall_text as timestamp)') }}
