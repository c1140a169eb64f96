case
    when source_code is null then blank_code
    else coalesce(map_code, 'unmapped')
end
