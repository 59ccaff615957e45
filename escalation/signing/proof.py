"""What a signature says and how it is proved."""

from typing import Literal

Proof = Literal["password", "simulated"]
MEANING = "I have read the data behind this decision and approve it."
