"""HTTP of the probes: is the process alive, and can it do its work?"""

from __future__ import annotations

import logging

from flask import Blueprint, Response, current_app, jsonify
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from lti_tool import migrations, queue
from lti_tool.access.gate import public
from lti_tool.models import db

log = logging.getLogger(__name__)

blueprint = Blueprint("processes", __name__)


@blueprint.get("/healthz")
@public("a probe: says only that the process answers")
def healthz() -> Response:
    return jsonify(status="alive")


@blueprint.get("/readyz")
@public("a probe: names what is missing, never where it is")
def readyz() -> tuple[Response, int]:
    checks = {**_database(), "queue": _queue()}
    missing = [name for name, state in checks.items() if state != "ok"]
    body = {"status": "not ready" if missing else "ready", "missing": missing, "checks": checks}
    return jsonify(body), 503 if missing else 200


def _database() -> dict[str, str]:
    try:
        current = migrations.current(db.engine)
    except SQLAlchemyError as error:
        log.warning("readiness: database %s", type(error).__name__)
        return {"database": "not reachable", "schema": "unknown"}
    return {"database": "ok", "schema": "ok" if current else "old: run 'lti-tool db upgrade'"}


def _queue() -> str:
    try:
        with queue.connection(current_app.config["SETTINGS"], patience=queue.PATIENCE) as client:
            client.ping()
    except queue.NoQueueError:
        return "not configured"
    except RedisError as error:
        log.warning("readiness: queue %s", type(error).__name__)
        return "not reachable"
    return "ok"
