"""Filling and emptying the demo's folder."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import available_timezones

import pytest
from flask import Flask
from sqlalchemy import func, select

from lti_tool.access.flags import ANALYTICS, flag
from lti_tool.demo import load, term
from lti_tool.demo.links import ACCOUNT_OF, COLLEGE_ID, LINKS, PLATFORMS, UNIVERSITY_ID, import_command
from lti_tool.models import Account, Deployment, RawEvent, Registration, db
from lti_tool.pages import LANGUAGES

NOW = datetime(2026, 6, 30, 11, 20, 37, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "demo"
    folder.mkdir()
    return folder


def mark(folder: Path, day: datetime, *, complete: bool = True) -> None:
    row = {"version": term.VERSION, "day": day.date().isoformat(), "complete": complete}
    (folder / load.MARK).write_text(json.dumps(row))
    (folder / "lti_tool.sqlite3").write_text("old")
    (folder / "queue").mkdir()


def test_a_folder_of_today_is_kept(folder: Path) -> None:
    mark(folder, NOW)
    assert not load.prepare(folder, NOW, fresh=False)
    assert (folder / "lti_tool.sqlite3").exists()


@pytest.mark.parametrize(
    ("day", "complete", "fresh"),
    [(NOW - timedelta(days=1), True, False), (NOW, False, False), (NOW, True, True)],
    ids=["yesterday", "interrupted", "fresh"],
)
def test_an_old_folder_is_emptied(folder: Path, day: datetime, complete: bool, fresh: bool) -> None:
    mark(folder, day, complete=complete)
    assert load.prepare(folder, NOW, fresh=fresh)
    assert list(folder.iterdir()) == []


def test_what_no_demo_wrote_is_never_deleted(folder: Path) -> None:
    (folder / "thesis.odt").write_text("years of work")
    with pytest.raises(load.DemoError, match="no demo wrote"):
        load.prepare(folder, NOW, fresh=True)
    assert (folder / "thesis.odt").exists()


def test_one_demo_a_folder(folder: Path) -> None:
    with load.held(folder), pytest.raises(load.DemoError, match="another demo"), load.held(folder):
        pass


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_term_is_taken_in_whole(context: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = ("1_dsgroup", term.WELCOME, "1_101rec001", term.LANGUAGE_ROOM, term.MEDIA_ROOM)
    all_events = term.events

    def few(now: datetime, account: str):
        return (event for event in all_events(now, account) if event["entryId"].startswith(kept))

    monkeypatch.setattr(term, "events", few)
    said: list[str] = []
    stored = load.fill(folder, NOW, said.append)
    assert stored == db.session.scalar(select(func.count()).select_from(RawEvent))
    assert db.session.scalar(select(func.count()).select_from(RawEvent).where(~RawEvent.folded)) == 0
    assert db.session.scalars(select(Account.id).order_by(Account.id)).all() == [UNIVERSITY_ID, COLLEGE_ID]
    assert (flag(UNIVERSITY_ID, ANALYTICS), flag(COLLEGE_ID, ANALYTICS)) == (True, False)
    assert not load.prepare(folder, NOW, fresh=False)
    for lms_url in ("http://127.0.0.1:8001", "http://127.0.0.1:8009"):
        load.register(lms_url)
    registrations = db.session.scalars(select(Registration).order_by(Registration.id)).all()
    assert [(row.issuer, row.auth_url, row.account_id) for row in registrations] == [
        (each.issuer, f"http://127.0.0.1:8009/{each.key}/authorize", ACCOUNT_OF[each.key]) for each in PLATFORMS
    ]
    assert db.session.scalar(select(func.count()).select_from(Deployment)) == len(PLATFORMS)


def test_links_lead_to_what_the_term_holds() -> None:
    rows = {name: term.catalog(NOW, name) for name in (term.UNIVERSITY, term.COLLEGE_NAME)}
    for link in LINKS:
        catalog = rows[term.UNIVERSITY if ACCOUNT_OF[link.platform] == UNIVERSITY_ID else term.COLLEGE_NAME]
        people = {row["id"]: row["email"] for row in catalog["people"]}
        assert link.user.sub in people or link.id == "administrator"
        assert people.get(link.user.sub, link.user.email) == link.user.email
        if link.context:
            assert link.context.id in {row["contextId"] for row in catalog["channels"]}
        if "entry_id" in link.custom:
            assert link.custom["entry_id"] in {row["id"] for row in catalog["entries"]}
            assert link.target_link_uri.split("/")[1:3] == ["media", link.custom["entry_id"]]
        if "channel_id" in link.custom:
            assert link.custom["channel_id"] in {row["id"] for row in catalog["channels"]}
    assert len({link.id for link in LINKS}) == len(LINKS)


def test_everybody_launches_in_a_language_that_we_speak_and_with_a_zone_of_their_own() -> None:
    for link in LINKS:
        assert link.user.locale.split("-")[0] in LANGUAGES
        assert link.user.timezone in available_timezones() - {"UTC"}
    assert len({link.user.timezone for link in LINKS}) > 3


def test_the_import_command_names_account_room_and_folder(folder: Path) -> None:
    command = import_command(folder)
    assert f"LTI_TOOL_DATA_DIR='{folder}'" in command
    assert f"--account {UNIVERSITY_ID} --room {term.WORKSHOP}" in command
