"""The models on Spark: what is translated, and the same register from both engines."""
