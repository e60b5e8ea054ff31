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

_LIS = "http://purl.imsglobal.org/vocab/lis/v2/"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"

# Role -> its sub-roles. Short names ("Instructor") are those of this table, too.
_CONTEXT_ROLES = {
    "Administrator": "Administrator Developer ExternalDeveloper ExternalSupport ExternalSystemAdministrator Support "
    "SystemAdministrator",
    "ContentDeveloper": "ContentDeveloper ContentExpert ExternalContentExpert Librarian",
    "Instructor": "ExternalInstructor Grader GuestInstructor Instructor Lecturer PrimaryInstructor SecondaryInstructor "
    "TeachingAssistant TeachingAssistantGroup TeachingAssistantOffering TeachingAssistantSection "
    "TeachingAssistantSectionAssociation TeachingAssistantTemplate",
    "Learner": "ExternalLearner GuestLearner Instructor Learner NonCreditLearner",
    "Manager": "AreaManager CourseCoordinator ExternalObserver Manager Observer",
    "Member": "Member",
    "Mentor": "Advisor Auditor ExternalAdvisor ExternalAuditor ExternalLearningFacilitator ExternalMentor "
    "ExternalReviewer ExternalTutor LearningFacilitator Mentor Reviewer Tutor",
    "Officer": "Chair Communications Secretary Treasurer Vice-Chair",
}
_SUB_ROLES = {role: frozenset(names.split()) for role, names in _CONTEXT_ROLES.items()}
# Canvas writes `membership/instructor#TeachingAssistant` in one of its variants.
_PRINCIPALS = {role.casefold(): role for role in _CONTEXT_ROLES}

_CONTEXT = re.compile(rf"(?:{re.escape(_LIS)}membership#)?(?P<role>[A-Za-z]+)")
_CONTEXT_SUB = re.compile(rf"{re.escape(_LIS)}membership/(?P<role>[A-Za-z]+)#(?P<sub>[A-Za-z-]+)")
_INSTITUTION = re.compile(rf"{re.escape(_LIS)}(?:institution/)?person#(?P<role>[A-Za-z]+)")
_SYSTEM = re.compile(rf"{re.escape(_LIS)}system/person#(?P<role>[A-Za-z]+)")

_TEACHER = frozenset({COURSE_ANALYTICS, PEOPLE, CONFIGURE})
_ASSISTANT = "assistant"  # stands for the sub-roles of Instructor that assist


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
    known = {role for role in map(_context_role, roles) if role}
    if not known:
        return None
    if "Administrator" in known:
        return _TEACHER
    if _ASSISTANT in known:
        return frozenset({COURSE_ANALYTICS}) | _people(tenant.assistants_see_people)
    if "Instructor" in known:
        return _TEACHER
    if "ContentDeveloper" in known:
        return frozenset({COURSE_ANALYTICS}) | _people(tenant.designers_see_people)
    return frozenset()


def _context_role(uri: str) -> str | None:
    """The principal role of a context role, ``assistant`` for a teaching assistant or grader, else nothing."""
    if match := _CONTEXT.fullmatch(uri):
        return match["role"] if match["role"] in _CONTEXT_ROLES else None
    match = _CONTEXT_SUB.fullmatch(uri)
    principal = _PRINCIPALS.get(match["role"].casefold()) if match else None
    if match is None or principal is None or match["sub"] not in _SUB_ROLES[principal]:
        return None
    if principal == "Instructor" and (match["sub"].startswith("TeachingAssistant") or match["sub"] == "Grader"):
        return _ASSISTANT
    return principal


def _people(allowed: bool) -> frozenset[str]:
    return frozenset({PEOPLE}) if allowed else frozenset()


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
