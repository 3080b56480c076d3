"""A person's shifts as an iCalendar file (RFC 5545) for their own calendar program.

Every shift is written with its two instants in UTC, so that a night across a clock change has
its true length in any program, whatever it believes about London; programs show them in the
phone's own time. Leave is written as whole days, which have no zone at all.
"""

from __future__ import annotations

from datetime import timedelta

from icalendar import Calendar, Event

from rota.carer.feed import Feed, FeedLeave, FeedShift

PRODUCT = "-//Staff Rota//My shifts//EN"
#: how often a calendar program should ask again
REFRESH = timedelta(hours=1)


def calendar_file(feed: Feed, host: str) -> bytes:
    """The feed as a file; ``host`` makes the identities of its events unique in the world."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "My shifts")
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for shift in feed.shifts:
        calendar.add_component(_shift(shift, feed, host))
    for leave in feed.leave:
        calendar.add_component(_leave(leave, feed, host))
    return bytes(calendar.to_ical())


def _shift(shift: FeedShift, feed: Feed, host: str) -> Event:
    event = Event()
    # the same identity for ever: a program moves the event instead of adding a second
    event.add("uid", f"shift-{shift.shift_id}@{host}")
    event.add("sequence", shift.version)
    event.add("dtstamp", feed.made_at)
    event.add("dtstart", shift.starts_at)
    event.add("dtend", shift.ends_at)
    event.add("summary", f"{shift.name}, {shift.unit}")
    event.add("location", ", ".join(w for w in (shift.home, shift.address) if w))
    event.add("transp", "OPAQUE")
    return event


def _leave(leave: FeedLeave, feed: Feed, host: str) -> Event:
    event = Event()
    event.add("uid", f"leave-{leave.request_id}@{host}")
    event.add("sequence", leave.version)
    event.add("dtstamp", feed.made_at)
    event.add("dtstart", leave.period.start)
    event.add("dtend", leave.period.end + timedelta(days=1))  # the end is not part of it
    event.add("summary", "Leave")
    event.add("transp", "TRANSPARENT")
    return event
