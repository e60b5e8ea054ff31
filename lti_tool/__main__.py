"""``python -m lti_tool``: the same as ``lti-tool``, wherever the console script is."""

from lti_tool.cli import main

main()
