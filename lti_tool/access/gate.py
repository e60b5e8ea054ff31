"""The gates on every route: role, feature switch, kind of room; and the marks by which a test finds a route without.

``@gate(permission, …)`` asks in the order of what a person can do about it: no launch, role, feature, scope, kind.
``@public(reason)`` marks the routes that stand open, with the reason why they may.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import g
from flask_babel import gettext as _
from sqlalchemy import select

from lti_tool.access.actor import Actor, current_actor
from lti_tool.access.flags import ANALYTICS, flag
from lti_tool.access.roles import VIEW_ANALYTICS
from lti_tool.errors import Refusal
from lti_tool.models import Entry, db

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Gate:
    """What a route asks of its visitor. ``entry``: the address names an entry, which must lie in the scope; with a
    feature, legacy rooms are refused. ``rooms_only``: videos are refused too.
    """

    permissions: tuple[str, ...]
    feature: str | None
    entry: bool
    rooms_only: bool


@dataclass(frozen=True)
class Open:
    """Why a route needs no gate."""

    reason: str


def public(reason: str) -> Callable[[View], View]:
    """Mark a route that anybody may call."""

    def mark(view: View) -> View:
        view.access = Open(reason)  # type: ignore[attr-defined]
        return view

    return mark


def gate(
    *permissions: str, feature: str | None = None, entry: bool = False, rooms_only: bool = False
) -> Callable[[View], View]:
    """Let in whoever has one of ``permissions``, if ``feature`` is on and the entry is theirs to see.

    Sets ``g.entry`` when ``entry``. Raises ``Refusal`` with a code of contract 4.
    """
    asked = Gate(permissions, feature, entry, rooms_only)

    def mark(view: View) -> View:
        @wraps(view)
        def gated(*args: Any, **kwargs: Any) -> Any:
            actor = require_actor()
            if not actor.permissions.intersection(permissions):
                raise role_refusal()
            if feature and not flag(actor.account_id, feature):
                raise feature_refusal()
            if entry:
                g.entry = find_entry(actor, kwargs["entry_id"])
                if feature and g.entry.legacy:
                    raise legacy_refusal()
                if rooms_only and not g.entry.room:
                    raise no_room_refusal()
            return view(*args, **kwargs)

        gated.access = asked  # type: ignore[attr-defined]
        return gated  # type: ignore[return-value]

    return mark


def require_actor() -> Actor:
    """The actor of this request; raises ``Refusal`` ``launch`` when there is none."""
    actor = current_actor()
    if actor is None:
        raise Refusal(
            "launch",
            _("We do not know who you are, or your visit has ended."),
            _("Open the page again from your course."),
            status=401,
        )
    return actor


def find_entry(actor: Actor, entry_id: str) -> Entry:
    """The entry, if it lies in the actor's scope. What does not exist and what is not theirs look the same."""
    found = db.session.scalar(select(Entry).where(actor.scope.entries(), Entry.external_id == entry_id))
    if found is None:
        raise Refusal(
            "scope",
            _("This room or video is not part of the course you came from, and it is not yours."),
            _("Open it from the course it belongs to, or ask its owner."),
        )
    return found


def may_open_analytics(actor: Actor, entry: Entry, *, feature_on: bool) -> bool:
    """Whether a menu holds the Analytics item for an entry that lies in the actor's scope: the same three gates."""
    return bool(actor.permissions.intersection(VIEW_ANALYTICS)) and feature_on and (entry.room or entry.video)


def analytics_on(actor: Actor) -> bool:
    """The account's 'analytics' switch, for menus."""
    return flag(actor.account_id, ANALYTICS)


def role_refusal() -> Refusal:
    return Refusal(
        "role",
        _("Your role in this course does not include room analytics."),
        _(
            "Ask your teacher what was recorded about you. "
            "If you teach here, ask your LMS administrator to check your role."
        ),
    )


def feature_refusal() -> Refusal:
    return Refusal(
        "feature",
        _("Analytics is switched off."),
        _(
            "Ask your LMS administrator to make sure analytics is enabled in your environment: "
            "the Theming module's 'analytics' switch must be set to Yes."
        ),
    )


def legacy_refusal() -> Refusal:
    return Refusal(
        "legacy",
        _("Analytics are not supported for legacy meeting rooms."),
        _("Ask your LMS administrator to replace this room by a current one; its next sessions will be counted."),
    )


def no_room_refusal() -> Refusal:
    return Refusal(
        "scope",
        _("Room analytics are about live rooms, and this is a video."),
        _("Open the video's own analytics, or those of the room that it was recorded in."),
    )


def channel_refusal() -> Refusal:
    return Refusal(
        "scope",
        _("This channel is not the course you came from."),
        _("Open it from the course it belongs to."),
    )


def event_refusal() -> Refusal:
    return Refusal(
        "scope",
        _("No room or video of this event is part of the course you came from, or yours."),
        _("Open the event from the course it belongs to, or ask its organiser."),
    )


def names_refusal() -> Refusal:
    return Refusal(
        "role",
        _("Your role in this course shows totals, not names."),
        _("If you need names, ask the teacher of the course or your LMS administrator."),
    )


def person_refusal() -> Refusal:
    return Refusal(
        "scope",
        _("Nobody of this name was in a room or watched a video of the course you came from, or of yours."),
        _("Open the person from a course that they took part in."),
    )
