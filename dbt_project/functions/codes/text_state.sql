case when delivered is null then 'missing' else 'valid' end
