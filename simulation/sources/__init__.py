"""Each source's records of the true nation, with its errors, written in that source's format."""
