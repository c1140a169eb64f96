{{ function('latest_moment') }}(
    moment, case when {{ function('is_local_midnight') }}(moment) then 'date' else precision_code end
)
