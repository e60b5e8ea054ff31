"""The families of platforms that we know by name. Only what the code uses is here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """One kind of LMS.

    ``deployment_parameters``: under which names its login request tells the deployment. ``locale_parameters``,
    ``timezone_parameters``: custom parameters that carry them, where the standard claims do not.
    ``account_placements``: values of the placement claim that mean 'no course, the whole account'.
    ``token_audience``: the audience that its token endpoint wants, where that is not the endpoint's own address.
    ``frame_origins``: from where its pages frame us, beside the origins of issuer and authorization address.
    ``shared_issuers``: issuers of several customers, who are told apart by their deployments only.
    ``course_missing``: what to switch on when launches do not say from which course they come.
    """

    name: str
    deployment_parameters: tuple[str, ...] = ("lti_deployment_id", "deployment_id")
    placement_claim: str | None = None
    account_placements: frozenset[str] = frozenset()
    account_context_types: frozenset[str] = frozenset()
    locale_parameters: tuple[str, ...] = ("locale",)
    timezone_parameters: tuple[str, ...] = ("timezone", "time_zone", "person_address_timezone")
    token_audience: str | None = None
    frame_origins: tuple[str, ...] = ()
    shared_issuers: frozenset[str] = frozenset()
    course_missing: str | None = None


FAMILIES = {
    record.name: record
    for record in (
        Family(
            name="canvas",
            # Canvas documents and sends `deployment_id`; the standard name is accepted too.
            deployment_parameters=("deployment_id", "lti_deployment_id"),
            placement_claim="https://www.instructure.com/placement",
            account_placements=frozenset({"account_navigation"}),
            account_context_types=frozenset({"Account"}),
            locale_parameters=("locale", "message_locale"),
            timezone_parameters=("timezone", "time_zone", "person_address_timezone", "canvas_user_timezone"),
            # All customers of the cloud share issuer and authorization address; the frame is on the school's own host.
            frame_origins=("https://*.instructure.com",),
            shared_issuers=frozenset(
                f"https://canvas.{environment}instructure.com" for environment in ("", "beta.", "test.")
            ),
        ),
        Family(
            name="brightspace",
            # One audience for all tenants; the token endpoint's address is not it.
            token_audience="https://api.brightspace.com/auth/token",  # noqa: S106 - an address, not a secret
            course_missing="Org Unit Information",
        ),
        Family(name="moodle"),
        Family(name="other"),
    )
}


SHARED_ISSUERS = frozenset().union(*(record.shared_issuers for record in FAMILIES.values()))


def family(name: str) -> Family:
    """The record of a family; an unknown name is ``other``."""
    return FAMILIES.get(name, FAMILIES["other"])
