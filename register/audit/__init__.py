"""The audit sample: cases drawn as inspectors draw them, their worksheets, and what was found.

Drawn from published files only. Worksheets belong to the operations zone. Which command asks for
them is not known here.
"""
