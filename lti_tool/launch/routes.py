"""HTTP."""

from flask import Blueprint

blueprint = Blueprint("launch", __name__)
