"""The records that each source keeps of the true nation, with its errors and in its format."""
