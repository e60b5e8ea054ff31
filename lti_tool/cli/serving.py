"""``lti-tool serve``, ``worker`` and ``schedule``: the processes."""

from __future__ import annotations

import logging

import click

from config.logging import configure
from lti_tool.cli import application, fail

EMBEDDED = "LTI_TOOL_REDIS_URL is not set: 'lti-tool serve' runs the {} itself. Nothing to do here."


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0: any free one.")
def serve(host: str, port: int) -> None:
    """Answer browsers and machines. Without LTI_TOOL_REDIS_URL: everything else too."""
    from lti_tool.processes import serving
    from lti_tool.processes.embedded import QueueServerError
    from lti_tool.processes.web import AddressError, WebServer, stop_on_signals

    configure(logging.INFO)
    stop = stop_on_signals()
    try:
        app = application()
        web = WebServer(app, host=host, port=port)
        announce = f"Serving on {web.url} - Ctrl-C ends it."
        serving.serve(app, web, stop=stop, ready=lambda: click.echo(announce, err=True))
    except (AddressError, QueueServerError) as error:
        fail(str(error))


@click.command()
def worker() -> None:
    """Run the jobs of the queue."""
    from config.settings import load

    if load().redis_url is None:
        click.echo(EMBEDDED.format("worker"), err=True)
        return
    from lti_tool.processes.worker import work

    configure(logging.INFO)
    work(application())


@click.command()
def schedule() -> None:
    """Put periodic jobs, and failed ones whose pause is over, into the queue. Run one."""
    from config.settings import load

    settings = load()
    if settings.redis_url is None:
        click.echo(EMBEDDED.format("schedule"), err=True)
        return
    from lti_tool.processes.schedule import keep_time
    from lti_tool.processes.web import stop_on_signals

    configure(logging.INFO)
    keep_time(settings, stop_on_signals())


COMMANDS = (serve, worker, schedule)
