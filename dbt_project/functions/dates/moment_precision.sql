case
    when wall_text is null then null
    when length(wall_text) > 10 then 'minute'
    else 'date'
end
