"""Hypothesis draws anew at every run on a workstation, and the same examples in CI, where a failure must be about the change."""

import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True, print_blob=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
