"""The watcher as a service: log, metrics, systemd, wake-ups, waits for the database."""
