{{ seconds_between('first_moment', 'last_moment') }} / 3600.0
