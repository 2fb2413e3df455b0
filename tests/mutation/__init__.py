"""Mutation tests: code that is broken on purpose, one place at a time, must make a test fail."""
