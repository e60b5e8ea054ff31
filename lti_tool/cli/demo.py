"""``lti-tool demo``."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from config.logging import configure
from lti_tool.cli import fail


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65000), help="The LMS takes the next.")
@click.option("--fresh", is_flag=True, help="Make the data up anew; what was imported into the demo is lost.")
def demo(port: int, fresh: bool) -> None:
    """Everything on embedded defaults with made-up data, and a small LMS to launch from."""
    from config.settings import load
    from lti_tool.demo.load import DemoError
    from lti_tool.demo.running import run
    from lti_tool.processes.embedded import QueueServerError
    from lti_tool.processes.web import AddressError, stop_on_signals

    configure(logging.WARNING)
    stop = stop_on_signals()

    def ready(lms_url: str, tool_url: str, outbox: Path) -> None:
        click.echo(f"LMS   {lms_url}\nTool  {tool_url}\nMail  {outbox} (a file a mail)\nCtrl-C ends it")

    try:
        run(
            load().data_dir / "demo",
            port=port,
            fresh=fresh,
            stop=stop,
            say=lambda words: click.echo(words, err=True),
            ready=ready,
        )
    except (DemoError, AddressError, QueueServerError) as error:
        fail(str(error))


COMMANDS = (demo,)
