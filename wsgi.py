"""The WSGI entry point: ``gunicorn wsgi:app`` or any other server."""

from config.logging import configure
from lti_tool.app import create_app

configure()
app = create_app()
