from io import BytesIO

from readings.content import survey
from readings.flow import Batch
from readings.formats import recognize, refusals


def parsed(content: bytes) -> Batch:
    """Everything that a content says, and all that is wrong with it, in one batch."""
    seen = survey(BytesIO(content))
    known = recognize(seen.start)
    if known is None:
        return Batch(problems=list(refusals(seen)))
    whole = Batch()
    for batch in known.parse(BytesIO(content), seen.encoding(known.ENCODINGS)):
        assert batch.lines >= whole.lines
        whole.lines = batch.lines
        whole.header = whole.header or batch.header
        whole.meter_points += batch.meter_points
        whole.readings += batch.readings
        whole.site_visits += batch.site_visits
        whole.problems += batch.problems
    return whole
