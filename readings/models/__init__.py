"""The store. Codes are kept as sent; `codes` names them at display.

What files state (`Reading`, `Accumulation`, `IntervalDay`) is shaped to be spread over several machines by its
meter point: every unique constraint on it contains the meter point, and its foreign keys are not checked row by row
(the rows they name are made in the same transaction and never deleted; `inbox_audit` looks for orphans).
"""

from readings.models.files import LEFT, Arrival, Channel, FlowFile, Outcome, Problem, Severity, Status
from readings.models.log_ins import LogInFailure
from readings.models.meter_points import Meter, MeterPoint, Register, Scheme
from readings.models.metered_amounts import Accumulation, IntervalDay
from readings.models.register_readings import Reading, SiteVisit
from readings.models.statements import Statement

__all__ = [
    "LEFT",
    "Accumulation",
    "Arrival",
    "Channel",
    "FlowFile",
    "IntervalDay",
    "LogInFailure",
    "Meter",
    "MeterPoint",
    "Outcome",
    "Problem",
    "Reading",
    "Register",
    "Scheme",
    "Severity",
    "SiteVisit",
    "Statement",
    "Status",
]
