"""The report API: Kaltura's wire format, answered with this tool's numbers. ``docs/report-api.md`` is its manual."""
