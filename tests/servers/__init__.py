"""Real servers for the tests: PostgreSQL and Redis as child processes on free loopback ports, in temporary folders."""
