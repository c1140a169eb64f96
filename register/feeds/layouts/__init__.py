"""Layouts as YAML: how one system writes its files; the model is `register.feeds.layout`.

Code maps do not belong here: they are the seeds `map__police_codes` and `map__authority_codes`.
"""
