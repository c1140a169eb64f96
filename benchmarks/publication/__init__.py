"""The cost of publication at England's size: the whole method compared with thresholds alone."""
