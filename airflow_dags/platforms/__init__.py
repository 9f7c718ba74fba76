"""One folder a platform: settings.yml (streams, windows, limits, sources with dates), client, streams, README."""
