"""The records of each source about the true nation, with its errors and in its format."""
