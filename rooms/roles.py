"""Who may do what: one table of role × command."""

from typing import Literal

Role = Literal["facilitator", "cofacilitator", "learner", "observer"]
