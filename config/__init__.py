"""Settings, logging and the schedule: what an operator may change, in one place."""
