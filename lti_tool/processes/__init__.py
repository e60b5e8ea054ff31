"""What runs: the web server, the worker, the schedule, and the embedded queue server that they share."""
