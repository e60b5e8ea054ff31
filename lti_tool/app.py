"""The application factory: settings in, a Flask application out. Everything else hangs on blueprints."""

from __future__ import annotations

from flask import Flask
from flask_babel import Babel
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from config.settings import Settings, load
from lti_tool import pages
from lti_tool.models.database import db, prepare_engine

csrf = CSRFProtect()


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application. Without ``settings`` they come from the environment (``config/settings.py``)."""
    settings = settings or load()
    app = Flask("lti_tool")
    https = settings.public_url.startswith("https://")
    app.config.update(
        SETTINGS=settings,
        PUBLIC_URL=settings.public_url,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_pre_ping": settings.database_url.startswith("postgresql"),
            "hide_parameters": True,  # they are names and addresses, and errors end up in logs
        },
        MAX_CONTENT_LENGTH=10 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_NAME="__Host-lti_form" if https else "lti_form",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_SAMESITE="None" if https else "Lax",
        SESSION_COOKIE_PARTITIONED=https,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # our pages send no Referer; the token alone decides
        BABEL_DEFAULT_LOCALE="en",
        BABEL_TRANSLATION_DIRECTORIES="translations",
    )
    if settings.production:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    if settings.database_url.startswith("sqlite:///"):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    Babel(app, locale_selector=pages.locale, timezone_selector=pages.timezone)
    pages.init_app(app)  # before the form tokens: their refusal is a page with a reference too
    csrf.init_app(app)
    _register_blueprints(app)
    return app


def _register_blueprints(app: Flask) -> None:
    from lti_tool.access.routes import blueprint as access
    from lti_tool.analytics.routes import blueprint as analytics
    from lti_tool.collect.routes import blueprint as collect
    from lti_tool.launch.routes import blueprint as launch
    from lti_tool.processes.routes import blueprint as processes
    from lti_tool.reports.custom.routes import blueprint as custom_reports
    from lti_tool.reports.report_api.routes import blueprint as report_api
    from lti_tool.reports.routes import blueprint as reports

    for blueprint in (access, analytics, collect, launch, processes, report_api, reports, custom_reports):
        app.register_blueprint(blueprint)
    # LMSs post launches across sites, and machines post events with a token of their own: no form tokens there.
    csrf.exempt(collect)
    csrf.exempt(launch)
    csrf.exempt(report_api)
