(police_only_count + 0.5e0) * (authority_only_count + 0.5e0) / (both_count + 0.5e0)
