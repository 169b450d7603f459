"""Handlers and schedule: wake-ups become verbs; the rows hold the truth."""
