"""``lti-tool platform``."""

from __future__ import annotations

import click

from lti_tool.cli import application, fail, print_json


@click.group()
def platform() -> None:
    """LTI registrations: the LMSs from which the tool may be launched."""


@platform.command()
@click.option("--account", "account_id", type=int, required=True, metavar="N", help="The account (partner id).")
@click.option("--issuer", required=True, help="The platform's issuer, exactly as its tokens have it.")
@click.option("--client-id", required=True, help="The client id that the platform gave the tool.")
@click.option("--auth-url", required=True, help="OpenID Connect authorization endpoint.")
@click.option("--token-url", required=True, help="Access token endpoint.")
@click.option("--jwks-url", required=True, help="Where the platform publishes its keys.")
@click.option("--token-audience", help="Audience for access tokens, where it is not the token endpoint.")
@click.option(
    "--deployment",
    "deployments",
    multiple=True,
    metavar="ID",
    help="A deployment id; may be repeated. With none, deployments are taken up at their first launch, "
    "until another account adds its own; not for Canvas cloud, whose customers share the issuer.",
)
@click.option(
    "--family",
    type=click.Choice(["canvas", "brightspace", "moodle", "other"]),
    help="What kind of LMS it is; without it: other.",
)
@click.option(
    "--person-claim", metavar="NAME", help="Claim or custom parameter that holds a person's id in the catalogue."
)
def add(account_id: int, deployments: tuple[str, ...], **given: str) -> None:
    """Add a platform, change its addresses, or add deployments to it."""
    from lti_tool.launch.registrations import NewPlatform, RegistrationError, add_platform, described
    from lti_tool.models import begin_write, db

    app = application()
    settings = app.config["SETTINGS"]
    with app.app_context():
        begin_write()
        try:
            new = NewPlatform(account_id=account_id, deployments=deployments, **given)
            registration = add_platform(new, allow_loopback=settings.allow_loopback)
        except RegistrationError as error:
            fail(f"{error}.")
        db.session.commit()
        public = settings.public_url
        ours = {name: f"{public}/lti/{name}" for name in ("login", "launch", "jwks")}
        print_json({**described(registration), "tool": ours})


@platform.command("list")
@click.option("--account", "account_id", type=int, metavar="N", help="Only those of this account.")
def show(account_id: int | None) -> None:
    """List the platforms."""
    from lti_tool.launch.registrations import list_platforms

    with application().app_context():
        print_json(list_platforms(account_id))


@platform.command()
@click.argument("number", type=int, metavar="ID", required=False)
@click.option("--issuer")
@click.option("--client-id")
def remove(number: int | None, issuer: str | None, client_id: str | None) -> None:
    """Remove a platform, by its id in the list or by issuer and client id; its launches end."""
    from lti_tool.launch.registrations import RegistrationError, find_platform, remove_platform
    from lti_tool.models import begin_write, db

    if number is None and not (issuer and client_id):
        raise click.UsageError("name the platform by its id, or by --issuer and --client-id")
    with application().app_context():
        begin_write()
        try:
            removed = remove_platform(number if number is not None else find_platform(issuer or "", client_id or ""))
        except RegistrationError as error:
            fail(f"{error}.")
        db.session.commit()
    print_json({"removed": removed})


COMMANDS = (platform,)
