"""Role URIs -> permissions, row by row of the mapping, and what must never give a right."""

import itertools

import pytest

from lti_tool.access.roles import (
    ACCOUNT_ANALYTICS,
    ADMINISTER,
    CONFIGURE,
    COURSE_ANALYTICS,
    PEOPLE,
    TEST_USER,
    Tenant,
    permissions_of,
)

LIS = "http://purl.imsglobal.org/vocab/lis/v2/"
CONTEXT = f"{LIS}membership#"
SUB = f"{LIS}membership/"
INSTITUTION = f"{LIS}institution/person#"
SYSTEM = f"{LIS}system/person#"

TEACHER = {COURSE_ANALYTICS, PEOPLE, CONFIGURE}
TOTALS = {COURSE_ANALYTICS}
ADMIN = {ACCOUNT_ANALYTICS, PEOPLE, ADMINISTER}
NOTHING: set[str] = set()

TA = f"{SUB}Instructor#TeachingAssistant"

COURSE = [
    ([f"{CONTEXT}Instructor"], TEACHER),
    (["Instructor"], TEACHER),
    ([f"{CONTEXT}Administrator"], TEACHER),
    ([f"{SUB}Instructor#PrimaryInstructor"], TEACHER),
    ([f"{SUB}Instructor#Lecturer", f"{CONTEXT}Instructor"], TEACHER),
    ([f"{SUB}Administrator#Support"], TEACHER),
    ([f"{CONTEXT}Instructor", f"{CONTEXT}Learner"], TEACHER),
    # Assistants stay assistants although Canvas sends the principal role beside it.
    ([TA], TOTALS),
    ([TA, f"{CONTEXT}Instructor"], TOTALS),
    ([f"{SUB}instructor#TeachingAssistant", f"{CONTEXT}Instructor"], TOTALS),
    ([f"{SUB}Instructor#TeachingAssistantSection"], TOTALS),
    ([f"{SUB}Instructor#Grader"], TOTALS),
    ([f"{CONTEXT}Learner", TA], TOTALS),  # Open edX, forum assistants
    ([TA, f"{CONTEXT}Administrator"], TEACHER),
    # No right over other people's data.
    ([f"{CONTEXT}Learner"], NOTHING),
    (["Learner"], NOTHING),
    ([f"{SUB}Learner#Instructor"], NOTHING),
    ([f"{SUB}Learner#GuestLearner", f"{INSTITUTION}Instructor"], NOTHING),
    ([f"{CONTEXT}ContentDeveloper"], TOTALS),
    ([f"{CONTEXT}Mentor"], NOTHING),
    ([f"{SUB}Mentor#Tutor"], NOTHING),
    ([f"{CONTEXT}Manager"], NOTHING),
    ([f"{SUB}Manager#CourseCoordinator"], NOTHING),
    ([f"{CONTEXT}Member"], NOTHING),
    ([f"{CONTEXT}Officer"], NOTHING),
    ([], NOTHING),
    # Instructor somewhere is not instructor here.
    ([f"{INSTITUTION}Instructor"], NOTHING),
    ([f"{INSTITUTION}Faculty", f"{INSTITUTION}Staff"], NOTHING),
    ([f"{CONTEXT}Learner", f"{INSTITUTION}Instructor"], NOTHING),
    # Administrators in a course where they are not enrolled.
    ([f"{INSTITUTION}Administrator"], TOTALS),
    ([f"{LIS}person#Administrator"], TOTALS),
    ([f"{SYSTEM}SysAdmin"], TOTALS),
    ([f"{CONTEXT}Learner", f"{INSTITUTION}Administrator"], NOTHING),  # roles in the course win
    ([f"{SYSTEM}None", f"{INSTITUTION}None"], NOTHING),
    ([f"{SYSTEM}SysSupport", f"{SYSTEM}User", f"{SYSTEM}Creator"], NOTHING),
    # Test users never change anything.
    ([f"{CONTEXT}Instructor", TEST_USER], TEACHER - {CONFIGURE}),
    ([f"{CONTEXT}Learner", TEST_USER], NOTHING),
    ([TEST_USER], NOTHING),
]

ACCOUNT = [
    ([f"{INSTITUTION}Administrator"], ADMIN),
    ([f"{LIS}person#Administrator"], ADMIN),
    ([f"{SYSTEM}Administrator"], ADMIN),
    ([f"{SYSTEM}AccountAdmin"], ADMIN),
    ([f"{SYSTEM}SysAdmin"], ADMIN),
    ([f"{SYSTEM}SysAdmin", TEST_USER], ADMIN - {ADMINISTER}),
    ([f"{INSTITUTION}Administrator", f"{CONTEXT}Learner"], ADMIN),
    ([f"{SYSTEM}SysSupport"], NOTHING),
    ([f"{SYSTEM}User"], NOTHING),
    ([f"{INSTITUTION}Instructor"], NOTHING),
]

EVIL = [
    f"{LIS}../evil#Instructor",
    f"{CONTEXT}Instructor#x",
    f"{CONTEXT}Instructor\n",
    f" {CONTEXT}Instructor",
    f"{CONTEXT}instructor",
    f"{CONTEXT}InstructorX",
    f"{SUB}Instructor#Nonsense",
    f"{SUB}Instructor/../Instructor#Lecturer",
    f"{SUB}#Instructor",
    f"{SUB}Instructor#",
    "instructor",
    "INSTRUCTOR",
    "urn:lti:role:ims/lis/Instructor",
    "https://purl.imsglobal.org/vocab/lis/v2/membership#Instructor",
    "http://purlximsglobal.org/vocab/lis/v2/membership#Instructor",
    "http://evil.example/?http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor",
    f"{LIS}institution/person/Administrator#Administrator",
    f"{LIS}institution/institution/person#Administrator",
    f"{SYSTEM}administrator",
    "Teacher",
    "",
]


def tenant(**changes: bool) -> Tenant:
    kind = {"trust_administrators": True, "assistants_see_people": False, "designers_see_people": False}
    return Tenant(**(kind | {"in_course": True} | changes))


@pytest.mark.parametrize(("roles", "permissions"), COURSE)
def test_in_a_course(roles: list[str], permissions: set[str]) -> None:
    assert permissions_of(roles, tenant()) == permissions


@pytest.mark.parametrize(("roles", "permissions"), ACCOUNT)
def test_outside_of_courses(roles: list[str], permissions: set[str]) -> None:
    assert permissions_of(roles, tenant(in_course=False)) == permissions


@pytest.mark.parametrize("role", EVIL)
@pytest.mark.parametrize("in_course", [True, False])
def test_roles_that_only_look_like_one_give_nothing(role: str, in_course: bool) -> None:
    kind = tenant(in_course=in_course, assistants_see_people=True, designers_see_people=True)
    assert permissions_of([role], kind) == set()
    assert permissions_of([role, f"{CONTEXT}Learner"], kind) == set()


def test_the_accounts_own_decisions() -> None:
    assert permissions_of([TA], tenant(assistants_see_people=True)) == {COURSE_ANALYTICS, PEOPLE}
    designer = [f"{CONTEXT}ContentDeveloper"]
    assert permissions_of(designer, tenant(designers_see_people=True)) == {COURSE_ANALYTICS, PEOPLE}
    admin = [f"{INSTITUTION}Administrator"]
    assert permissions_of(admin, tenant(in_course=False, trust_administrators=False)) == set()


def test_the_order_of_roles_never_matters() -> None:
    for roles, permissions in COURSE:
        for order in itertools.permutations(roles):
            assert permissions_of(order, tenant()) == permissions
