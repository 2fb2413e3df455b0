"""How a service runs: settings, unit of work, inbox, outbox, dead letters, lanes, rate budget, telemetry, health."""
