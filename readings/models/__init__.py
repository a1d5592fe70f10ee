"""The store. Codes are stored as sent; the catalogues of `formats` translate them for display.

Statements (`Reading`, `Accumulation`, `IntervalDay`) can be distributed over several machines by meter point: each of
their unique constraints contains the meter point. The database does not check their foreign keys, nor those of meters
and registers: the referenced rows are created in the same transaction and never deleted, and `inbox_audit` looks for
orphans.
"""

from readings.models.api_tokens import ApiToken
from readings.models.consumption.sums import GroupDay, MonthSum, StaleGroup, StaleMonths
from readings.models.erasures import ErasedMeterPoint, RewrittenContent
from readings.models.files import LEFT, Arrival, Channel, FlowFile, Outcome, Problem, Severity, Status, Surplus
from readings.models.log_ins import LogInFailure
from readings.models.meter_points import ConsumerDetails, Meter, MeterPoint, Register, Scheme
from readings.models.metered_amounts import Accumulation, IntervalDay
from readings.models.register_readings import Reading, SiteVisit
from readings.models.search.name_parts import NamePart
from readings.models.search.pasted_lists import PastedList
from readings.models.statements import Repeat, Statement
from readings.models.trail import Trail

__all__ = [
    "LEFT",
    "Accumulation",
    "ApiToken",
    "Arrival",
    "Channel",
    "ConsumerDetails",
    "ErasedMeterPoint",
    "FlowFile",
    "GroupDay",
    "IntervalDay",
    "LogInFailure",
    "Meter",
    "MeterPoint",
    "MonthSum",
    "NamePart",
    "Outcome",
    "PastedList",
    "Problem",
    "Reading",
    "Register",
    "Repeat",
    "RewrittenContent",
    "Scheme",
    "Severity",
    "SiteVisit",
    "StaleGroup",
    "StaleMonths",
    "Statement",
    "Status",
    "Surplus",
    "Trail",
]
