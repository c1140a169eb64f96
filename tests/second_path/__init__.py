"""The register's figures computed a second time, in plain Python, from the delivered files.

Nothing here uses the models or the readers: files are read with the standard library and openpyxl,
by the column names and date forms of the layouts. Two things are taken from the register, because
they are proven elsewhere: who the child of a delivered line is, and which deliveries were refused.
"""
