"""How the daemon lives as a service: log, metrics, systemd, wake-ups, waiting for the database."""
