"""The independent audit: every finished plan is checked again from raw inputs, with numpy only.

Nothing here imports elements, model or solve. A rule that holds in the model by construction is
written down a second time, from the formulation, so that a mistake in one shows in the other.
`coplan.verify(folder)` audits a finished run again.
"""

from pathlib import Path
from typing import Any

from coplan.callable_package import make_callable
from coplan.verify.audit import audit
from coplan.verify.digests import plan_digests
from coplan.verify.files import audit_files
from coplan.verify.outcome import AuditReport, Check
from coplan.verify.sources import audit_sources

__all__ = ["AuditReport", "Check", "audit", "audit_files", "audit_sources", "plan_digests"]


def _verify(folder: Any) -> AuditReport:
    """Audit a finished run again from its raw inputs; returns the AuditReport.

    Raises coplan.errors.InputError when `folder` holds no finished run.
    """
    from coplan.run import verify_folder

    report, _ = verify_folder(Path(folder))
    return report


make_callable(__name__, _verify)
