"""9. What is to end by itself, ends soon after its time, when nothing is wrong."""

from facts import Payment

LATE = 5_000  # milliseconds: when a hold is over, it ends at most so late
AFTERMATH = 2_000  # milliseconds more, if it was over while something was wrong: what piled up is worked off first
ASKED_AGAIN = 5_000  # and more for a payment: whose provider had no answer then is asked again after so long


def well(story):
    """The spans of the journal's time in which nothing was wrong."""
    since = float("-inf")
    for begin, end in sorted(story.unwell):
        yield since, story.wall + begin
        since = max(since, story.wall + end)
    yield since, float("inf")


def ends_when_well(story):
    """(milliseconds, how many are allowed, what) for each hold, session and payment whose time was up, and each span of
    well time in which it was: for so long it was late then, although nothing was wrong any more."""
    if story.unwell is None:
        return
    spans = list(well(story))
    for one in [*story.blocks.values(), *story.sessions.values(), *story.payments.values()]:
        for due, ended in one.ends:
            for since, until in spans:
                if due < until and since <= ended and since < until:
                    yield min(ended, until) - max(due, since), patience(one, due < since), one


def patience(one, was_wrong):
    if not was_wrong:
        return LATE
    return LATE + AFTERMATH + (ASKED_AGAIN if isinstance(one, Payment) else 0)


def punctual(story):
    """9. What was to end is at most so late, when all is well, or well again: nothing that was lost in a fault comes back
    only by chance."""
    for late, most, one in ends_when_well(story):
        if late > most:
            yield (f"9. something of {type(one).__name__.lower()} {one.key} was {late:.0f} ms late while all was well, "
                   f"more than {most}")


def punctuality(story):
    late, again = [], []
    for span, most, _ in ends_when_well(story):
        (late if most == LATE else again).append(span)
    return (f"ends that were due while all was well: {len(late)}, the latest {max(late, default=0):.0f} ms late; due before "
            f"it was well again: {len(again)}, the latest {max(again, default=0):.0f} ms after that")
