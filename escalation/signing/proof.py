"""What a signature says."""

MEANING = "I have read the data behind this decision and approve it."
