"""Nodes are forked (`tests/processes.py`).

Hypothesis draws anew at every run on a workstation, and the same examples in CI, where a failure must be about the change.
"""

import os

from hypothesis import settings

from tests import processes

processes.forked()
settings.register_profile("workstation", deadline=None)  # that a machine is busy is no fault of the code
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "workstation")
