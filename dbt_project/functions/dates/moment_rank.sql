case
    when is_late then 5
    else
        case when source = 'police' then 1 else 2 end
        + case
            when precision_code = 'minute' and not {{ function('is_local_midnight') }}(moment) then 0
            else 2
        end
end
