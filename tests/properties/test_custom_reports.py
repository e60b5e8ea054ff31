"""Each custom report is what plain code makes of the same events, in any time, with any filter."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import or_

from lti_tool.access.scope import Scope
from lti_tool.models import Entry
from lti_tool.reports.custom import FILTERS, REPORTS, Asked, lines, read_filters
from lti_tool.reports.report_api import filters
from lti_tool.reports.report_api.reports import REPORTS as numbered
from tests.actors import account_with
from tests.properties import plain_reports
from tests.properties.made_up import DAY, ENTRIES, MINUTE, START, made_up
from tests.properties.plain_reports import EVERY, Question, World

ALL = {entry["id"] for entry in ENTRIES if entry["id"] != "old"}
WHOLE = (0, 4_000_000_000_000)
# (from, to), filters as they are asked, and the same for the plain code.
QUESTIONS: list[tuple[tuple[int, int], dict[str, str], dict[str, Any]]] = [
    (WHOLE, {}, {}),
    ((START, START + DAY), {}, {}),
    ((START + 1, START + DAY + 1), {}, {}),
    ((START + 30 * MINUTE, START + DAY + 5 * 60 * MINUTE), {}, {}),
    (WHOLE, {"entry_ids": "r1, x1,unknown"}, {"entries": {"r1", "x1"}}),
    (WHOLE, {"user_ids": "@u6,u1,u5"}, {"users": {"@u6", "u1", "u5"}}),
    (WHOLE, {"cue_point_ids": "r1-s1,r2-unknown"}, {"sessions": {"r1-s1", "r2-unknown"}}),
    (WHOLE, {"virtual_event_ids": "77"}, {"entries": {"r1"}, "events": {77}}),
    (WHOLE, {"parentEntryIds": "r1"}, {"entries": {"b1"}}),
    ((START, START + 2 * DAY), {"user_ids": "u0,u4", "entry_ids": "r1"}, {"users": {"u0", "u4"}, "entries": {"r1"}}),
]


def table(name: str, asked: Asked, *, descriptive: bool = False) -> list[list[str]]:
    text = b"".join(lines(REPORTS[name], asked, descriptive=descriptive)).decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline="")))


def question(times: tuple[int, int], plainly: dict[str, Any]) -> Question:
    return Question(**({"entries": ALL, "start": times[0], "end": times[1]} | plainly))


def expected(world: World, name: str, times: tuple[int, int], plainly: dict[str, Any], filters: Any) -> Any:
    asked = question(times, plainly)
    if name == "rsvp":
        asked.entries = ALL if "virtual_event_ids" in filters else asked.entries
        rows = EVERY[name](world, asked)
        whole = not filters.keys() & {"entry_ids", "parentEntryIds"}
        return plain_reports.texts([row for row in rows if row[0] or whole])
    if name == "breakout-room-sessions" and "virtual_event_ids" in filters:
        asked.entries = {"b1"}  # of a room of the event
    return plain_reports.texts(EVERY[name](world, asked))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_report_is_what_plain_code_makes_of_the_events(app: Flask, seed: int) -> None:
    world = made_up(seed)
    account = account_with(app, world.catalog, world.events).partner_id
    filled = dict.fromkeys(REPORTS, 0)
    with app.app_context():
        for times, filters, plainly in QUESTIONS:
            for name, report in REPORTS.items():
                if not filters.keys() <= set(report.filters):
                    continue
                scope = Scope(account, whole_account=True, people=True)
                rows = table(name, Asked(scope, *times, filters=read_filters(filters, FILTERS)))
                assert sorted(rows[1:]) == expected(world, name, times, plainly, filters), (name, filters, times)
                filled[name] += len(rows) > 1
    assert min(filled.values()) >= 4, filled


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_columns_are_those_of_the_public_material_and_headers_change_nothing_else(app: Flask) -> None:
    world = made_up(4, 100)
    account = account_with(app, world.catalog, world.events).partner_id
    with app.app_context():
        for name, report in REPORTS.items():
            asked = Asked(Scope(account, whole_account=True, people=True), *WHOLE)
            plain, friendly = table(name, asked), table(name, asked, descriptive=True)
            assert plain[0] == [column.name for column in report.columns] == PUBLIC[name].split()
            assert friendly[0] == [column.label for column in report.columns]
            assert len(set(friendly[0])) == len(friendly[0]) and not set(friendly[0]) & set(plain[0])
            assert plain[1:] == friendly[1:]


def test_messages_stand_in_the_order_in_which_they_were_sent(app: Flask) -> None:
    world = made_up(5)
    account = account_with(app, world.catalog, world.events).partner_id
    with app.app_context():
        asked = Asked(Scope(account, whole_account=True, people=True), *WHOLE, where=or_(Entry.external_id == "r1"))
        for name, column in (("group-chat-transcripts", 6), ("moderator-transcript", 8)):
            times = [row[column] for row in table(name, asked)[1:]]
            assert times == sorted(times) and len(times) > 2


PUBLIC = {
    "group-chat-transcripts": "userId userFirstName userLastName userEmail userRole messageId sentAt message "
    "repliedToMessageId likes deleted subContext",
    "chat-moderation": "contextId contextName lastActivity pending owned resolved done blocked userMessages "
    "moderatorMessages moderatorsOwningResolvedThreads moderatorsOwningUnresolvedThreads",
    "chat-user-activity": "userId userEmail connections internalReceived internalSent externalReceived externalSent",
    "moderator-transcript": "contextId contextName creator sender senderEmail recipient recipientEmail message time "
    "state labels",
    "polls-activity": "contextId pollId userId userFirstName userLastName userEmail question type vote voteTime "
    "visualType visualIcon isCorrect groupPollName groupPollId schedulingType schedulingTime",
    "room-data": "entry_id entry_name parent_entry_id cue_point_id session_start_time session_end_time "
    "session_host_user_id meeting_view_period_unique_users meeting_engaged_play_time_ratio",
    "attendees-data": "entry_id cue_point_id user_id user_name user_email user_type meeting_view_time "
    "meeting_engaged_play_time_ratio",
    "breakout-room-sessions": "parent_entry_id parent_entry_name breakout_entry_id breakout_entry_name cue_point_id "
    "session_initiator session_start_time session_end_time duration participant_count engagement_rate",
    "rsvp": "entry_id media_name first_name last_name title company email country role industry",
}


@pytest.mark.parametrize("seed", [1, 2])
def test_report_6001_of_the_api_has_the_attendees_of_the_custom_report(app: Flask, seed: int) -> None:
    world = made_up(seed)
    account = account_with(app, world.catalog, world.events).partner_id
    with app.app_context():
        scope = Scope(account, whole_account=True, people=True)
        ours = table("attendees-data", Asked(scope, *WHOLE))
        cells = numbered[6001].table(filters.asked(account, {})).cells
    assert len(ours) > 10
    assert sorted(row[:3] for row in cells) == sorted([cell.lstrip("'") for cell in row[:3]] for row in ours[1:])
