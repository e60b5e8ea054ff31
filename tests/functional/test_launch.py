"""Launches that work (V1 to V21): who comes, with which rights, to which page. On both databases."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool.access.flags import set_flag
from lti_tool.access.roles import (
    ACCOUNT_ANALYTICS,
    ADMINISTER,
    CONFIGURE,
    COURSE_ANALYTICS,
    PEOPLE,
    TEST_USER,
)
from lti_tool.models import (
    Attendance,
    AuditEntry,
    Channel,
    Deployment,
    Entry,
    EntryChannel,
    Launch,
    LoginAttempt,
    Person,
    Registration,
    RoomSession,
    db,
)
from tests import lms
from tests.lms import INSTRUCTOR, LEARNER, MEMBERSHIP, MISSING, TOOL, TestPlatform

LIS = "http://purl.imsglobal.org/vocab/lis/v2/"
INSTITUTION_ADMIN = f"{LIS}institution/person#Administrator"
TA = f"{MEMBERSHIP}/Instructor#TeachingAssistant"

TEACHER = [CONFIGURE, COURSE_ANALYTICS, PEOPLE]
ADMIN = [ADMINISTER, ACCOUNT_ANALYTICS, PEOPLE]

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def launch_of(response: Any) -> str:
    assert response.status_code == 303, response.text
    return parse_qs(urlsplit(response.location).query)["launch"][0]


def page_of(response: Any) -> str:
    """Where the launch leads, without the launch's id."""
    assert response.status_code == 303, response.text
    address = re.sub(r"[?&]launch=[0-9a-f]+$", "", response.location)
    assert address.startswith(TOOL + "/")
    return address.removeprefix(TOOL)


def test_an_instructor_lands_on_the_course(app: Flask, client: FlaskClient, platform: TestPlatform) -> None:
    response = platform.launch(client)
    assert response.status_code == 303, response.text
    assert re.fullmatch(r"https://tool\.example/channels/course-7\?launch=[0-9a-f]{24}", response.location)
    with app.app_context():
        launch = db.session.scalars(select(Launch)).one()
        assert (launch.permissions, launch.account_id) == (TEACHER, 77)
        assert db.session.scalars(select(Channel.context_id)).all() == ["course-7"]
        person = db.session.scalars(select(Person)).one()
        assert (person.external_id, person.name, person.email) == ("teacher-sub", "Grace Hopper", "grace@example.edu")
        assert db.session.scalars(select(LoginAttempt)).all() == []
        assert db.session.scalars(select(Registration.last_launch_at)).one() is not None
        assert db.session.scalars(select(Deployment.last_launch_at)).one() is not None


# V1 to V18: the certification's good launches, for teachers and for students


NO_NAMES = {"name": MISSING, "given_name": MISSING, "family_name": MISSING}
VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "several roles": {"more": [f"{LIS}institution/person#Staff", f"{MEMBERSHIP}#Member"]},
    "short role": {"short": True},
    "unknown role": {"only": ["http://example.org/roles#Unknown"]},
    "no role": {"only": []},
    "email only": NO_NAMES,
    "names only": {"email": MISSING},
    "no personal data": NO_NAMES | {"email": MISSING},
    "email without context": NO_NAMES | {"context": MISSING},
}


@sqlite_only
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(("role", "permissions"), [(INSTRUCTOR, TEACHER), (LEARNER, [])], ids=["teacher", "student"])
def test_v1_to_v18_certified_launches(client, platform, who, variant, role, permissions) -> None:
    changes = dict(VARIANTS[variant])
    roles = changes.pop("only", None)
    if roles is None:
        roles = [role.rpartition("#")[2] if changes.pop("short", False) else role, *changes.pop("more", [])]
    response = platform.launch(client, roles=roles, **changes)
    seen = who(client, launch_of(response))
    assert seen["permissions"] == (permissions if "only" not in VARIANTS[variant] else [])
    assert seen["person"] == "teacher-sub"
    assert page_of(response) == ("/my-media" if variant == "email without context" else "/channels/course-7")


@sqlite_only
@pytest.mark.parametrize(
    ("roles", "permissions"),
    [
        ([TA, INSTRUCTOR], [COURSE_ANALYTICS]),
        ([INSTITUTION_ADMIN], [COURSE_ANALYTICS]),
        ([f"{LIS}person#Administrator"], [COURSE_ANALYTICS]),
        ([f"{MEMBERSHIP}#Mentor"], []),
        ([LEARNER, TEST_USER], []),
        ([LEARNER, f"{LIS}institution/person#Instructor"], []),
        ([f"{MEMBERSHIP}/Learner#Instructor"], []),
        ([f"{LIS}../evil#Instructor"], []),
    ],
)
def test_v19_other_roles(client, platform, only_launch, roles, permissions) -> None:
    mentor = {"https://purl.imsglobal.org/spec/lti/claim/role_scope_mentor": ["student-1"]}
    platform.launch(client, roles=roles, **mentor)
    assert only_launch().permissions == permissions


@sqlite_only
def test_v20_an_administrator_from_an_account_page(app, client, platform, who) -> None:
    response = platform.launch(client, roles=[INSTITUTION_ADMIN], context=MISSING)
    assert page_of(response) == "/admin"
    assert who(client)["permissions"] == ADMIN
    with app.app_context():
        set_flag(77, "lti.trust_administrators", False, actor="test")
        db.session.commit()
    assert page_of(platform.launch(client, roles=[INSTITUTION_ADMIN], context=MISSING)) == "/my-media"


@sqlite_only
def test_v20_canvas_sends_the_account_as_context(app, client, keys, who) -> None:
    canvas = TestPlatform(keys, family="canvas").register(app)
    placement = "https://www.instructure.com/placement"
    account = {"id": "account-1", "type": ["Account"]}
    for changes in ({placement: "account_navigation"}, {"context": account}):
        response = canvas.launch(client, roles=[INSTITUTION_ADMIN], **changes)
        assert page_of(response) == "/admin"
        assert who(client, launch_of(response))["channel"] is None
    with app.app_context():
        assert db.session.scalars(select(Channel)).all() == []


@sqlite_only
@pytest.mark.parametrize(
    "custom", [MISSING, None, {}, {"page": "$Page.name"}, {"page": 7}, {"page": None}, {"page": "x"}]
)
def test_v21_custom_parameters_that_say_nothing(client, platform, custom) -> None:
    assert page_of(platform.launch(client, custom=custom)) == "/channels/course-7"


# Destinations


@sqlite_only
@pytest.mark.parametrize(
    ("custom", "page"),
    [
        ({"page": "media", "entry_id": "1_room0001"}, "/media/1_room0001"),
        ({"page": "media", "entry_id": 7}, "/media/7"),
        ({"page": "media", "entry_id": "a/../b?c#d"}, "/media/a%2F..%2Fb%3Fc%23d"),
        ({"page": "media", "entry_id": "$Entry.id"}, "/channels/course-7"),
        ({"page": "my_media"}, "/my-media"),
        ({"page": "channel", "channel_id": "101"}, "/channels/101"),
        ({"page": "channel"}, "/channels/course-7"),
        ({"page": "event", "event_id": 77}, "/events/77/agenda"),
        ({"page": "admin"}, "/admin"),
    ],
)
def test_destinations_by_custom_parameters(client, platform, custom, page) -> None:
    assert page_of(platform.launch(client, custom=custom)) == page


@sqlite_only
@pytest.mark.parametrize(
    "target",
    [
        "/media/1_room0001",
        "/media/1_room0001/analytics?session=cp1&x=%26",
        "/my-media",
        "/channels/101",
        "/channels/101/analytics/rooms?range=30",
        "/channels/101/analytics/videos",
        "/events/77/agenda",
        "/people/u1/analytics?event=77",
        "/admin",
    ],
)
def test_destinations_by_address(client, platform, target) -> None:
    link = lms.link(target_link_uri=TOOL + target, custom={"page": "my_media"})
    assert page_of(platform.launch(client, link)) == target


@sqlite_only
@pytest.mark.parametrize(
    "target", ["", "/", "/lti/launch", "/unknown", "/media/../admin", "/media//evil.example", "//evil.example"]
)
def test_addresses_that_are_no_page_lead_to_the_course(client, platform, target) -> None:
    assert page_of(platform.launch(client, lms.link(target_link_uri=TOOL + target))) == "/channels/course-7"


@sqlite_only
def test_a_launch_in_the_address_is_replaced(client, platform) -> None:
    link = lms.link(target_link_uri=f"{TOOL}/my-media?launch=forged&q=1")
    response = platform.launch(client, link)
    assert response.location == f"{TOOL}/my-media?q=1&launch={launch_of(response)}"


@sqlite_only
def test_a_channel_without_a_course_says_what_to_switch_on(app, client, keys) -> None:
    brightspace = TestPlatform(keys, family="brightspace").register(app)
    response = brightspace.launch(client, context=MISSING, custom={"page": "channel"})
    assert response.status_code == 400
    assert 'data-refusal="course_missing"' in response.text
    assert "Org Unit Information" in response.text


# People and courses


def add_person(app: Flask, **columns: Any) -> None:
    with app.app_context():
        db.session.add(Person(**({"account_id": 77} | columns)))
        db.session.commit()


def people(app: Flask) -> list[tuple[Any, ...]]:
    with app.app_context():
        found = db.session.scalars(select(Person).where(Person.account_id == 77).order_by(Person.external_id))
        return [(person.external_id, person.first_name, person.last_name, person.email) for person in found]


def test_the_person_is_found_by_sub_and_keeps_the_catalogues_names(app, client, platform) -> None:
    add_person(app, external_id="teacher-sub", first_name="Amazing", last_name="Grace")
    add_person(app, external_id="other", email="grace@example.edu")
    platform.launch(client)
    assert people(app)[1] == ("teacher-sub", "Amazing", "Grace", "grace@example.edu")


def test_a_name_that_a_launch_tells_is_the_attendees_everywhere(app, client, platform) -> None:
    add_person(app, external_id="teacher-sub")
    with app.app_context():
        entry = Entry(account_id=77, external_id="room", name="Room", type="room")
        db.session.add(entry)
        db.session.flush()
        session = RoomSession(account_id=77, entry_id=entry.id, external_id="s", start_ms=0, origin="catalog")
        db.session.add(session)
        db.session.flush()
        person = db.session.scalars(select(Person)).one()
        db.session.add(Attendance(session_id=session.id, person_id=person.id, name_key="teacher-sub"))
        db.session.commit()
    platform.launch(client)
    with app.app_context():
        assert db.session.scalars(select(Attendance.name_key)).all() == ["grace hopper"]


def test_the_person_is_found_by_the_only_same_email(app, client, platform, who) -> None:
    add_person(app, external_id="u1", email="GRACE@Example.edu")
    platform.launch(client)
    assert who(client)["person"] == "u1"
    assert people(app) == [("u1", "Grace", "Hopper", "GRACE@Example.edu")]
    add_person(app, external_id="u2", email="grace@example.edu")
    platform.launch(client)
    assert [row[0] for row in people(app)] == ["teacher-sub", "u1", "u2"]


def test_an_empty_email_is_nobodys(app, client, platform) -> None:
    add_person(app, external_id="u1", email="")
    platform.launch(client, email="")
    assert [row[0] for row in people(app)] == ["teacher-sub", "u1"]


@sqlite_only
@pytest.mark.parametrize(
    "claims",
    [
        {"org_defined_id": "S123"},
        {"custom": {"org_defined_id": "S123"}},
        {"org_defined_id": "$OrgDefinedId", "custom": {"org_defined_id": "S123"}},
    ],
)
def test_the_person_is_found_by_the_registrations_claim(app, client, keys, who, claims) -> None:
    platform = TestPlatform(keys).register(app, person_claim="org_defined_id")
    add_person(app, external_id="S123")
    platform.launch(client, **claims)
    assert who(client)["person"] == "S123"


def test_a_course_whose_id_another_channel_has(app, client, platform, who) -> None:
    with app.app_context():
        db.session.add(Channel(account_id=77, external_id="course-7", name="Other", context_id="other-course"))
        db.session.commit()
    for _ in range(2):
        platform.launch(client)
    assert who(client)["channel"] == "lti:course-7"


def test_a_course_of_the_catalogue(app, client, platform) -> None:
    with app.app_context():
        db.session.add(Channel(account_id=77, external_id="101", name="Training", context_id="course-7"))
        db.session.commit()
    assert page_of(platform.launch(client)) == "/channels/101"


# Languages and zones


@sqlite_only
@pytest.mark.parametrize(
    ("claims", "locale", "zone"),
    [
        ({"zoneinfo": "Europe/Berlin", "launch_presentation": {"locale": "de_DE"}}, "de-DE", "Europe/Berlin"),
        ({"zoneinfo": "Mars/Base", "custom": {"timezone": "Asia/Tokyo", "locale": "ja"}}, "en", "Asia/Tokyo"),
        ({"zoneinfo": MISSING, "custom": {"person_address_timezone": "America/Denver"}}, "en", "America/Denver"),
        ({"zoneinfo": "../../etc/passwd", "launch_presentation": {"locale": "<script>"}}, "en", "UTC"),
        ({"zoneinfo": "$Person.timezone", "launch_presentation": MISSING, "custom": {"locale": "fr"}}, "fr", "UTC"),
        ({"zoneinfo": 7, "launch_presentation": {"locale": 7}}, "en", "UTC"),
    ],
)
def test_locale_and_zone(client, platform, only_launch, claims, locale, zone) -> None:
    platform.launch(client, **claims)
    assert (only_launch().locale, only_launch().timezone) == (locale, zone)


# Accounts and deployments


def test_the_deployment_decides_the_account(app, client, keys, who) -> None:
    first = TestPlatform(keys).register(app)
    second = TestPlatform(keys, account_id=78, deployment_id="deployment-2").register(app)
    one, two = launch_of(first.launch(client)), launch_of(second.launch(client))
    assert who(client, one)["account"] == 77
    assert who(client, two)["account"] == 78
    with app.app_context():
        assert sorted(db.session.scalars(select(Person.account_id))) == [77, 78]
        assert sorted(db.session.scalars(select(Channel.account_id))) == [77, 78]


def test_an_open_registration_takes_up_its_deployments(app, client, keys, who) -> None:
    platform = TestPlatform(keys).register(app, deployments=())
    for _ in range(2):
        assert platform.launch(client, deployment_id="new").status_code == 303
    assert who(client)["account"] == 77
    with app.app_context():
        assert db.session.scalars(select(Deployment.deployment_id)).all() == ["new"]
        assert [row.detail for row in db.session.scalars(select(AuditEntry)) if row.action == "deployment"] == [
            "deployment new taken up for client client-1"
        ]


@sqlite_only
def test_a_registration_that_is_shared_takes_up_nothing_more(app, client, keys) -> None:
    first = TestPlatform(keys).register(app, deployments=())
    assert first.launch(client, deployment_id="first").status_code == 303
    TestPlatform(keys, account_id=78).register(app, deployments=("second",))
    unlisted = first.launch(client, deployment_id="of a third customer")
    assert (unlisted.status_code, 'data-refusal="deployment_unknown"' in unlisted.text) == (403, True)
    for known in ("first", "second"):
        assert first.launch(client, deployment_id=known).status_code == 303


@sqlite_only
def test_b26_unknown_claims_are_passed_over(client, platform) -> None:
    extra: dict[str, Any] = {"http://www.brightspace.com": {"a": [1]}, "Roles": 7, "X": None, "locale": 3}
    assert platform.launch(client, **extra).status_code == 303


@sqlite_only
def test_b29_titles_are_only_text(client, platform, who) -> None:
    platform.launch(client, name="<script>alert(1)</script>", given_name="<b>", family_name="<i>")
    assert who(client)["person"] == "teacher-sub"


def test_names_in_any_script(app: Flask, client: FlaskClient, platform: TestPlatform, who: Callable[..., Any]) -> None:
    platform.launch(client, given_name="日本 😀", family_name="אבג", sub="ü/é?&#")
    assert who(client)["person"] == "ü/é?&#"
    assert people(app)[0][1:3] == ("日本 😀", "אבג")


@pytest.mark.parametrize(
    ("entry", "roles", "adopted"),
    [
        ({"type": "room"}, [lms.INSTRUCTOR], True),
        ({"type": "room"}, [TA], False),
        ({"type": "room"}, [LEARNER], False),
        ({"type": "room", "owner_id": "somebody"}, [lms.INSTRUCTOR], False),
        ({"type": "breakout", "parent_id": "main"}, [lms.INSTRUCTOR], False),
        ({"type": "video"}, [lms.INSTRUCTOR], False),
        ({"type": "legacyMeeting"}, [lms.INSTRUCTOR], False),
    ],
)
def test_a_room_nobody_claimed_belongs_to_who_opens_it(app, client, platform, entry, roles, adopted) -> None:
    with app.app_context():
        db.session.add(Entry(account_id=77, external_id="1_new", name="1_new", **entry))
        db.session.commit()
    platform.launch(client, roles=roles, custom={"page": "media", "entry_id": "1_new"})
    with app.app_context():
        linked = db.session.scalars(select(EntryChannel.channel_id)).all()
        audited = db.session.scalars(select(AuditEntry.action).where(AuditEntry.action == "room")).all()
    assert (linked, audited) == ((["course-7"], ["room"]) if adopted else ([], []))


def test_a_room_of_another_course_stays_there(app, client, platform) -> None:
    with app.app_context():
        db.session.add(Entry(account_id=77, external_id="1_new", name="1_new", type="room"))
        db.session.add(EntryChannel(account_id=77, entry_id="1_new", channel_id="another"))
        db.session.commit()
    platform.launch(client, custom={"page": "media", "entry_id": "1_new"})
    with app.app_context():
        assert db.session.scalars(select(EntryChannel.channel_id)).all() == ["another"]
