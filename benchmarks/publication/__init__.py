"""The cost of publication at England's size: protecting and attacking, and thresholds alone."""
