"""The administrator's page over HTTP: courses and rooms of the account, and who changed what."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from lti_tool.access import logo
from lti_tool.access.flags import ANALYTICS, set_flag
from lti_tool.access.queries import LIST_ROWS
from lti_tool.access.roles import ACCOUNT_ANALYTICS, ADMINISTER, PEOPLE
from lti_tool.collect import tasks
from lti_tool.collect.registry import SOURCES
from lti_tool.models import begin_write, db
from tests.actors import make_account, visitor

BASE = "https://tool.example"
COURSES = LIST_ROWS + 1
CATALOG = {
    "channels": [{"id": f"c{n:02}", "name": f"Course {n:02}"} for n in range(COURSES)],
    "people": [{"id": "root", "firstName": "Robin", "lastName": "Keller"}],
    "entries": [
        {"id": "1_taught", "name": "Taught", "type": "room", "channelIds": ["c00", "c50"]},
        {"id": "1_video", "name": "Video", "type": "video", "channelIds": ["c00"]},
        {"id": "1_alone", "name": "Alone", "type": "room"},
        {"id": "1_lost", "name": "In a channel that nobody knows", "type": "breakout", "channelIds": ["gone"]},
        {"id": "1_film", "name": "A video of nowhere", "type": "video"},
    ],
}


@pytest.fixture
def account(app: Flask) -> Any:
    made = make_account(app)
    with app.app_context():
        tasks.store(made.partner_id, SOURCES["catalog"].read(BytesIO(json.dumps(CATALOG).encode()), None), "catalog")
        db.session.remove()
    return made


def admin(app: Flask, account: Any, path: str = "/admin", permissions: Any = (ACCOUNT_ANALYTICS, ADMINISTER)) -> str:
    somebody = visitor(app, account.partner_id, person="root", permissions=permissions)
    page = somebody.client.get(path, base_url=BASE)
    assert page.status_code == 200
    return page.text


def part(page: str, heading: str) -> str:
    return page[page.index(f'<h2 id="{heading}">') :].partition("</section>")[0]


def test_every_course_and_every_room_without_one_is_a_link(app: Flask, account: Any) -> None:
    make_account(app, "Another")
    page = admin(app, account)
    courses = part(page, "channels")
    assert len(re.findall(r'<a href="/channels/c\d\d\?', courses)) == LIST_ROWS
    counts = dict(re.findall(r'data-row="(c\d\d)">.*?(\d+) items?<', courses, re.DOTALL))
    assert (counts["c00"], counts["c01"]) == ("2", "0")
    assert "Page 1 of 2" in courses
    assert re.findall(r'href="/media/(\w+)\?', part(page, "rooms")) == ["1_alone", "1_lost"]


@pytest.mark.parametrize("asked", ["2", "99999999999999999999"])
def test_the_second_page_has_the_rest(app: Flask, account: Any, asked: str) -> None:
    courses = part(admin(app, account, f"/admin?channels={asked}"), "channels")
    assert re.findall(r'data-row="(\w+)"', courses) == ["c50"]
    assert 'rel="prev"' in courses
    assert 'rel="next"' not in courses


def test_a_scope_smaller_than_the_account_lists_nothing(app: Flask, account: Any) -> None:
    page = admin(app, account, permissions=(PEOPLE, ADMINISTER))
    assert "/channels/" not in page
    assert "1_alone" not in page


def test_another_accounts_courses_are_not_listed(app: Flask, account: Any) -> None:
    page = admin(app, make_account(app, "Another"))
    assert "Course 00" not in page
    assert "1_alone" not in page


def test_the_audit_list_names_people_and_switches(app: Flask, account: Any) -> None:
    with app.app_context():
        begin_write()
        set_flag(account.partner_id, ANALYTICS, False, actor="root")
        set_flag(account.partner_id, ANALYTICS, True, actor="command line")
        db.session.commit()
        db.session.remove()
    newest, oldest = re.findall(r"<li .*?</li>", part(admin(app, account), "audit"), re.DOTALL)
    assert "<strong>Theming module: analytics</strong> <bdi>yes → no</bdi>" in oldest
    assert '<bdi>Robin Keller</bdi> <code class="quiet">root</code>' in oldest
    assert "<bdi>no → yes</bdi>" in newest
    assert "<span>command line</span>" in newest


def picture(colour: str = "red") -> bytes:
    made = BytesIO()
    Image.new("RGB", (900, 100), colour).save(made, "PNG")
    return made.getvalue()


def send_logo(somebody: Any, content: bytes | None, path: str = "/admin/logo") -> Any:
    page = somebody.client.get("/admin", base_url=BASE).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    data: dict[str, Any] = {"csrf_token": token[1] if token else ""}
    if content is not None:
        data["logo"] = (BytesIO(content), "logo.png")
    return somebody.client.post(path, data=data, base_url=BASE)


def test_the_logo_is_set_shown_replaced_and_removed(app: Flask, account: Any) -> None:
    somebody = visitor(app, account.partner_id, person="root", permissions=(ACCOUNT_ANALYTICS, ADMINISTER))
    assert "There is no logo yet." in part(admin(app, account), "logo")
    for colour in ("red", "blue"):
        assert send_logo(somebody, picture(colour)).status_code == 303
        shown = re.search(r'src="data:image/png;base64,([^"]+)" width="600" height="67"', admin(app, account))
        assert shown
        pixel = Image.open(BytesIO(b64decode(shown[1]))).getpixel((5, 5))
        assert pixel == {"red": (255, 0, 0), "blue": (0, 0, 255)}[colour]
    assert "<strong>logo</strong> <bdi>set, 600 x 67</bdi>" in part(admin(app, account), "audit")
    assert "Robin Keller" in part(admin(app, account), "audit")
    assert send_logo(somebody, None, "/admin/logo/remove").status_code == 303
    assert "There is no logo yet." in part(admin(app, account), "logo")
    assert "<bdi>removed</bdi>" in part(admin(app, account), "audit")
    assert send_logo(somebody, None, "/admin/logo/remove").status_code == 303  # twice is no harm, and no news
    assert part(admin(app, account), "audit").count("<bdi>removed</bdi>") == 1


def test_a_bad_file_is_refused_and_the_logo_stays(app: Flask, account: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    somebody = visitor(app, account.partner_id, person="root", permissions=(ACCOUNT_ANALYTICS, ADMINISTER))
    send_logo(somebody, picture())
    before = part(admin(app, account), "logo")
    monkeypatch.setattr(logo, "MOST_BYTES", 3_000)
    for content in (b"no picture", b"x" * 3_001, picture()[:60]):
        refused = send_logo(somebody, content)
        assert refused.status_code == 400 and "The logo is as it was." in refused.text
    assert send_logo(somebody, None).status_code == 400
    assert re.findall(r'src="[^"]+"', part(admin(app, account), "logo")) == re.findall(r'src="[^"]+"', before)
    assert part(admin(app, account), "audit").count("<strong>logo</strong>") == 1


def test_only_an_administrator_of_the_account_changes_its_logo(app: Flask, account: Any) -> None:
    other = make_account(app, "Another")
    send_logo(visitor(app, other.partner_id, permissions=(ACCOUNT_ANALYTICS, ADMINISTER)), picture())
    assert "There is no logo yet." in part(admin(app, account), "logo")
    teacher = visitor(app, account.partner_id, permissions=(ACCOUNT_ANALYTICS, PEOPLE))
    for path in ("/admin/logo", "/admin/logo/remove"):
        root = visitor(app, account.partner_id, permissions=(ACCOUNT_ANALYTICS, ADMINISTER), client=teacher.client)
        page = root.client.get("/admin", base_url=BASE).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token
        data = {"csrf_token": token[1], "logo": (BytesIO(picture()), "x.png")}
        refused = teacher.client.post(f"{path}?launch={teacher.launch}", data=data, base_url=BASE)
        assert refused.status_code == 403 and 'data-refusal="role"' in refused.text
        sent = root.client.post(path, data={"logo": (BytesIO(picture()), "x.png")}, base_url=BASE)
        assert sent.status_code == 400  # without the token of its form
    assert "There is no logo yet." in part(admin(app, account), "logo")
