"""A person's numbers over rooms, recordings and videos: as the plain definitions, only from what the scope holds."""

from __future__ import annotations

from typing import Any

from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.access.scope import Scope
from lti_tool.analytics.metrics import METRICS
from lti_tool.analytics.person import person_dashboard
from lti_tool.analytics.queries import events as event_queries
from lti_tool.collect import tasks
from lti_tool.collect.sources import CatalogItem
from lti_tool.collect.sources.catalog import EntryItem, SessionItem, VirtualEventItem
from lti_tool.models import db
from tests.properties import plain
from tests.properties.test_completion import plain_percentiles
from tests.properties.test_fold import deliver, new_account

START = 1_778_600_000_000
HOUR = 3_600_000
# Entry -> (kind, channel, event, the room it was recorded in)
ENTRIES: dict[str, tuple[str, str | None, int | None, str | None]] = {
    "r1": ("room", "101", None, None),
    "r2": ("room", "102", 77, None),
    "rec1": ("video", None, None, "r1"),
    "rec2": ("video", "101", None, "r2"),
    "v1": ("video", "101", None, None),
    "v2": ("video", "102", 77, None),
}
SESSIONS = {"s1": "r1", "s2": "r1", "s3": "r2"}
LENGTH = 100.0
DONE = ["view", "view", "reactionClicked", "raiseHand", "groupMessageSent", "pollAnswered", "loggedIn"]
DONE += ["downloadAttachmentClicked", "questionAnswerMessageSent"]

who = st.sampled_from(["ada", "bo"])
moments = st.integers(0, 50).map(lambda minute: minute * 60_000)
live = st.fixed_dictionaries(
    {
        "name": st.sampled_from(DONE),
        "sessionId": st.sampled_from(list(SESSIONS)),
        "after": moments,
        "userId": who,
        "seconds": st.integers(0, 90),
        "tabFocused": st.booleans(),
        "pollId": st.sampled_from(["p1", "p2"]),
        "newThread": st.booleans(),
    },
    optional={"attachmentId": st.sampled_from(["a1", "a2"])},
)
vod = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["view", "view", "play", "playerImpression"]),
        "entryId": st.sampled_from(["rec1", "rec2", "v1", "v2"]),
        "after": moments,
        "userId": who,
        "playbackType": st.just("vod"),
        "fromPosition": st.integers(0, 110),
        "toPosition": st.integers(0, 110),
        "playId": st.sampled_from(["x", "y"]),
    }
)


def _event(place: int, made: dict[str, Any]) -> dict[str, Any]:
    event = {"id": f"e{place}", "reaction": "Clap", "text": "made up", **made}
    if "sessionId" in event:
        event["entryId"] = SESSIONS[event["sessionId"]]
        event["time"] = START + list(SESSIONS).index(event["sessionId"]) * 2 * HOUR + event.pop("after")
    else:
        event["time"] = START + 10 * HOUR + event.pop("after")
    return event


many = st.lists(st.one_of(live, vod), max_size=30).map(lambda made: [_event(n, one) for n, one in enumerate(made)])


def catalog(account: int) -> None:
    recorded = {room: [name for name, (_, _, _, of) in ENTRIES.items() if of == room] for room in ("r1", "r2")}
    items = [
        CatalogItem(
            1,
            "entries",
            EntryItem(
                name,
                name=name,
                type=kind,
                channel_ids=[channel] if channel else [],
                virtual_event_id=event,
                recording_entry_ids=recorded.get(name, []),
                duration_seconds=LENGTH if kind == "video" else None,
            ),
        )
        for name, (kind, channel, event, _of) in ENTRIES.items()
    ]
    for place, (name, room) in enumerate(SESSIONS.items()):
        start = START + place * 2 * HOUR
        items.append(CatalogItem(1, "sessions", SessionItem(name, room, start, end_time=start + HOUR)))
    items.append(CatalogItem(1, "virtualEvents", VirtualEventItem(77, name="Open day")))
    tasks.store(account, items, "catalog")


def expected(events: list[dict[str, Any]], user: str, entries: set[str]) -> dict[str, Any]:
    """The person's numbers from what happened in these entries, and in the recordings of the rooms among them."""
    mine = [e for e in events if e["userId"] == user]
    recordings = {name for name, (_, _, _, of) in ENTRIES.items() if of and (of in entries or name in entries)}
    videos = {name for name in entries if ENTRIES[name][0] == "video" and not ENTRIES[name][3]}
    watched = engaged = sessions = 0
    counts = dict.fromkeys(("reactions", "raised_hands", "chat_messages", "threads"), 0)
    votes = 0
    for session in (name for name, room in SESSIONS.items() if room in entries):
        here = [e for e in mine if e.get("sessionId") == session]
        person = plain.session_numbers(here, None).people.get(user)
        if person is None:
            continue
        watched, engaged = watched + len(person.watched), engaged + len(person.engaged)
        sessions += bool(person.watched)
        votes += len(person.votes)
        for name in counts:
            counts[name] += getattr(person, name)
    downloads = [e for e in mine if e["name"] == "downloadAttachmentClicked" and e["entryId"] in entries]
    of_media = {name: [e for e in mine if e["entryId"] == name] for name in recordings | videos}
    seconds = {name: plain.playback(made).get(user, (0, 0, []))[1] / 1000 for name, made in of_media.items()}
    recorded, on_demand = (sum(seconds[name] for name in names) for names in (recordings, videos))
    return {
        "total_view_time": (watched + recorded + on_demand) / 60,
        "live_view_time": watched / 60,
        "recording_view_time": recorded / 60,
        "on_demand_view_time": on_demand / 60,
        "combined_live_engaged_users_play_time_ratio": engaged / watched if watched else None,
        "sessions_viewed": sessions,
        "unique_videos": sum(value > 0 for value in seconds.values()),
        "count_reaction_clicked": counts["reactions"],
        "count_raise_hand_clicked": counts["raised_hands"],
        "count_group_chat_messages_sent": counts["chat_messages"],
        "q_and_a_threads_count": counts["threads"],
        "count_poll_answered": votes,
        "unique_attachments_downloaded": len({e.get("attachmentId") or e["id"] for e in downloads}),
    }


def completion(events: list[dict[str, Any]], user: str, video: str) -> int | None:
    mine = [e for e in events if e["userId"] == user and e["entryId"] == video]
    started = {e["playId"] for e in mine if e["name"] == "play"}
    views = [(e["fromPosition"], e["toPosition"]) for e in mine if e["name"] == "view" and e["playId"] in started]
    return len(plain_percentiles(views, LENGTH)) if started else None


def test_a_person_is_the_sum_of_what_the_scope_holds(context: Flask) -> None:
    @settings(max_examples=40 if db.engine.dialect.name == "sqlite" else 10)
    @given(many, st.integers(0, 30))
    def check(events: list[dict[str, Any]], cut: int) -> None:
        account = new_account()
        catalog(account)
        for batch in (events[cut:], events[:cut]):
            deliver(account, batch)
            tasks.fold_account(account)
        everything = Scope(account, whole_account=True, people=True)
        course = Scope(account, channel_id="101", owner_id="teacher", people=True)
        of_event = event_queries.event(everything, "77")
        assert event_queries.event(course, "77") is None
        places = (
            (everything, None, set(ENTRIES)),
            (course, None, {name for name, (_, channel, _, _) in ENTRIES.items() if channel == "101"}),
            (everything, of_event, {name for name, (_, _, event, _) in ENTRIES.items() if event == 77}),
        )
        for scope, event, entries in places:
            for user in {e["userId"] for e in events}:
                page = person_dashboard(scope, event, None, user, {})
                wanted = expected(events, user, entries)
                if page is None:
                    assert not any(wanted.values())
                    continue
                found = {name: METRICS[name].formula(page.numbers) for name in wanted}
                assert found == {name: value if value is None else float(value) for name, value in wanted.items()}
                rates = {row.key: row.readings[1].value for row in page.videos.rows}
                assert rates == {name: completion(events, user, name) for name in rates}
        assert person_dashboard(Scope(account, whole_account=True), None, None, "ada", {}) is None

    check()
