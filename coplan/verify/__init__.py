"""The independent audit: every finished plan is checked again from raw inputs, with numpy only.

Nothing here imports elements, model or solve. A rule that holds in the model by construction is
written down a second time, from the formulation, so that a mistake in one shows in the other.
"""

from coplan.verify.audit import audit
from coplan.verify.digests import plan_digests
from coplan.verify.files import audit_files
from coplan.verify.outcome import AuditReport, Check

__all__ = ["AuditReport", "Check", "audit", "audit_files", "plan_digests"]
