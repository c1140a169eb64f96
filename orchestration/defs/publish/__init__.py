"""Assets of publishing: the audited build becomes the current generation, and feedback is written.

Files of generations belong in `register.publishing`.
"""
