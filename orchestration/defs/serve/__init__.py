"""Assets of serving: the current generation in the forms that analysts' tools read.

Writing these forms belongs in `register.serving`.
"""
