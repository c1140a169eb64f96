"""Landing, tried as a supplier would try it: a delivery in an inbox, and what became of it."""
