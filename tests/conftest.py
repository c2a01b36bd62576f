"""Settings of every test."""

from __future__ import annotations

import os

from hypothesis import settings

# a loaded machine is no fault of the code; a submission is judged on the same examples every time
settings.register_profile("coplan", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("coplan")
