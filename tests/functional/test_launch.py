"""A launch that works: from login to destination, on both databases."""

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool.models import Channel, Launch, LoginAttempt, Person, db
from tests import lms


def test_an_instructor_lands_on_the_course(app: Flask, client: FlaskClient, platform: lms.TestPlatform) -> None:
    response = platform.launch(client)
    assert response.status_code == 303, response.text
    assert re.fullmatch(r"https://tool\.example/channels/course-7\?launch=[0-9a-f]{24}", response.location)
    with app.app_context():
        launch = db.session.scalars(select(Launch)).one()
        assert launch.permissions == ["course.configure", "course.view_analytics", "course.view_people"]
        assert launch.account_id == 77
        assert db.session.scalars(select(Channel.context_id)).all() == ["course-7"]
        person = db.session.scalars(select(Person)).one()
        assert (person.external_id, person.name, person.email) == ("teacher-sub", "Grace Hopper", "grace@example.edu")
        assert db.session.scalars(select(LoginAttempt)).all() == []
