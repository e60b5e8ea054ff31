"""Events as hypothesis makes them: few people, few sessions, times that crowd around the edges that matter."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

START = 1_778_600_000_000
HOUR = 3_600_000

CATALOG = [
    {"id": "cp1", "entryId": "room", "startTime": START, "endTime": START + HOUR},
    {"id": "cp2", "entryId": "room", "startTime": START + 5 * HOUR // 4, "endTime": START + 2 * HOUR},
]

times = st.one_of(
    st.integers(START - 2 * HOUR, START + 5 * HOUR),
    st.sampled_from([START, START + HOUR, START + 5 * HOUR // 4, START + 2 * HOUR]).flatmap(
        lambda edge: st.integers(-16, 16).map(lambda minutes: edge + minutes * 60_000)
    ),
    st.integers(START, START + 5 * 60_000),
)
users = st.sampled_from(["ada", "bo", "cy"])
flags = st.booleans()
polls = st.sampled_from(["p1", "p2"])


def _fields(name: str) -> st.SearchStrategy[dict[str, Any]]:
    fields: dict[str, st.SearchStrategy[Any]] = {
        "joinSession": st.fixed_dictionaries({}, optional={"connectionId": st.sampled_from(["c1", "c2"])}),
        "leaveSession": st.fixed_dictionaries({}, optional={"connectionId": st.sampled_from(["c1", "c2"])}),
        "view": st.fixed_dictionaries(
            {"playbackType": st.sampled_from(["meeting", "live"])},
            optional={
                "seconds": st.one_of(st.integers(0, 300), st.sampled_from([0.5, 2.5, 10.0])),
                "tabFocused": flags,
                "soundOn": flags,
                "fullScreen": flags,
                "cameraOn": flags,
                "onStage": flags,
            },
        ),
        "reactionClicked": st.fixed_dictionaries({"reaction": st.sampled_from(["Clap", "Heart"])}),
        "questionAnswerMessageSent": st.fixed_dictionaries({"newThread": flags}, optional={"threadId": st.just("t1")}),
        "downloadAttachmentClicked": st.fixed_dictionaries({}, optional={"attachmentId": st.just("a1")}),
        "mediaPresented": st.fixed_dictionaries({"kind": st.just("slides")}, optional={"mediaId": st.just("m1")}),
        "mediaRemoved": st.fixed_dictionaries({"title": st.just("Deck")}, optional={"mediaId": st.just("m1")}),
        "pollLaunched": st.fixed_dictionaries({"pollId": polls}),
        "pollEnded": st.fixed_dictionaries({"pollId": polls}),
        "pollAnswered": st.fixed_dictionaries({"pollId": polls, "optionIds": st.lists(st.sampled_from(["1", "2"]))}),
    }
    return fields.get(name, st.just({}))


def events_named(names: list[str], session_ids: list[str | None]) -> st.SearchStrategy[list[dict[str, Any]]]:
    def event(name: str) -> st.SearchStrategy[dict[str, Any]]:
        common = st.fixed_dictionaries(
            {"name": st.just(name), "time": times, "entryId": st.just("room"), "userId": users},
            optional={"role": st.sampled_from(["host", "viewer"]), "country": st.sampled_from(["DE", "FR"])},
        )
        with_session = st.tuples(common, st.sampled_from(session_ids)).map(
            lambda pair: {**pair[0], "sessionId": pair[1]} if pair[1] else pair[0]
        )
        return st.tuples(with_session, _fields(name)).map(lambda pair: {**pair[0], **pair[1]})

    many = st.lists(st.sampled_from(names).flatmap(event), max_size=25)
    return many.map(lambda made: [{"id": f"e{place}", **one} for place, one in enumerate(made)])


ALL_NAMES = [
    "view",
    "view",
    "joinSession",
    "leaveSession",
    "reactionClicked",
    "raiseHand",
    "loggedIn",
    "groupMessageSent",
    "questionAnswerMessageSent",
    "pollLaunched",
    "pollAnswered",
    "downloadAttachmentClicked",
    "pollEnded",
    "stageJoined",
    "micOff",
    "talkStarted",
    "mediaPresented",
    "mediaRemoved",
    "somethingNew",
]
PRESENCE_NAMES = [name for name in ALL_NAMES if name != "view"]

room_events = st.one_of(
    events_named(ALL_NAMES, [None, None, "cp1", "cp2", "named"]),
    events_named(PRESENCE_NAMES, [None, "cp1", "named"]),
    events_named(["joinSession", "leaveSession"], ["cp1"]),
    events_named(["view", "reactionClicked"], [None]),
)
