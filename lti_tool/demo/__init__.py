"""The demo: a made-up but lifelike term, two pretend platforms, and the processes to look at it. Nobody here exists."""
