"""LTI role URIs -> permissions: one table, least rights by default.

The vocabularies are those of LTI 1.3 core, appendix A.2. A role is matched whole or not at all. The principal role
decides, never the fragment behind it: ``membership/Learner#Instructor`` is a learner. Context roles win over
institution and system roles; among context roles the one with most rights wins, except that a teaching assistant stays
one although Canvas sends ``#Instructor`` beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

COURSE_ANALYTICS = "course.view_analytics"
PEOPLE = "course.view_people"
CONFIGURE = "course.configure"
ACCOUNT_ANALYTICS = "account.view_analytics"
ADMINISTER = "account.administer"

VIEW_ANALYTICS = frozenset({COURSE_ANALYTICS, ACCOUNT_ANALYTICS})

_LIS = r"http://purl\.imsglobal\.org/vocab/lis/v2/"
_CONTEXT = re.compile(rf"(?:{_LIS}membership#)?(?P<role>[A-Za-z]+)")
_CONTEXT_SUB = re.compile(rf"{_LIS}membership/(?P<role>[A-Za-z]+)#(?P<sub>[A-Za-z-]+)")
_INSTITUTION = re.compile(rf"{_LIS}(?:institution/)?person#(?P<role>[A-Za-z]+)")
_SYSTEM = re.compile(rf"{_LIS}system/person#(?P<role>[A-Za-z]+)")
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"

_TEACHER = frozenset({COURSE_ANALYTICS, PEOPLE, CONFIGURE})
_ASSISTANT_SUBS = re.compile(r"TeachingAssistant[A-Za-z]*|Grader")


@dataclass(frozen=True)
class Tenant:
    """The account's own decisions about roles (its switches) and where the launch came from."""

    trust_administrators: bool
    assistants_see_people: bool
    designers_see_people: bool
    in_course: bool


def permissions_of(roles: Iterable[str], tenant: Tenant) -> frozenset[str]:
    """The permissions of somebody with these role URIs. Unknown roles give nothing."""
    roles = frozenset(roles)
    granted = _from_context(roles, tenant)
    institution = _from_institution(roles, tenant)
    # Outside of a course an administrator of the LMS is one, whatever a role in "the" course would mean there.
    if granted is None or ACCOUNT_ANALYTICS in institution:
        granted = institution
    if TEST_USER in roles:  # a test user sees what the role sees but never changes anything
        granted -= {CONFIGURE, ADMINISTER}
    return granted


def _from_context(roles: frozenset[str], tenant: Tenant) -> frozenset[str] | None:
    """Rights from roles in the course; nothing at all (``None``) when there is no such role."""
    principals: set[str] = set()
    assistant = False
    for role in roles:
        if match := _CONTEXT.fullmatch(role):
            principals.add(match["role"].casefold())
        elif match := _CONTEXT_SUB.fullmatch(role):
            principal = match["role"].casefold()
            if principal == "instructor" and _ASSISTANT_SUBS.fullmatch(match["sub"]):
                assistant = True
                principals.add("assistant")
            else:
                principals.add(principal)
    known = principals & _CONTEXT_ROLES
    if not known:
        return None
    if assistant and "administrator" not in known:
        return _with_people(tenant.assistants_see_people)
    if known & {"instructor", "administrator"}:
        return _TEACHER
    if "contentdeveloper" in known:
        return _with_people(tenant.designers_see_people)
    return frozenset()


_CONTEXT_ROLES = frozenset(
    {
        "administrator",
        "assistant",
        "contentdeveloper",
        "instructor",
        "learner",
        "manager",
        "member",
        "mentor",
        "officer",
    }
)


def _with_people(people: bool) -> frozenset[str]:
    return frozenset({COURSE_ANALYTICS, PEOPLE}) if people else frozenset({COURSE_ANALYTICS})


def _from_institution(roles: frozenset[str], tenant: Tenant) -> frozenset[str]:
    institution = {match["role"] for role in roles if (match := _INSTITUTION.fullmatch(role))}
    system = {match["role"] for role in roles if (match := _SYSTEM.fullmatch(role))}
    if "Administrator" not in institution and not system & {"Administrator", "AccountAdmin", "SysAdmin"}:
        return frozenset()
    if tenant.in_course:
        return frozenset({COURSE_ANALYTICS})
    if not tenant.trust_administrators:
        return frozenset()
    return frozenset({ACCOUNT_ANALYTICS, PEOPLE, ADMINISTER})
