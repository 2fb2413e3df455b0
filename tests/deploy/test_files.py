"""What can be said of the deployment files without an engine."""

from __future__ import annotations

import re
from pathlib import Path

from cryptography.fernet import Fernet

ROOT = Path(__file__).parents[2]
COMPOSE = re.sub(r"^ *#.*$", "", (ROOT / "docker-compose.yml").read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_every_variable_of_compose_is_explained_in_the_example():
    named = set(re.findall(r"\$\{(\w+)", COMPOSE)) | set(re.findall(r"^ +([A-Z][A-Z_]+):$", COMPOSE, re.MULTILINE))
    explained = set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert named == explained


def test_every_secret_that_stands_in_compose_says_that_it_is_for_development():
    secrets = re.findall(r"\$\{(?:\w+PASSWORD|\w+KEY|INTERNAL_TOKEN|\w+SECRET):-([^}]*)\}", COMPOSE)
    assert secrets
    assert all(re.match("development.only|sandbox", secret) for secret in secrets), secrets


def test_every_encryption_key_that_stands_in_compose_is_one():
    keys = re.findall(r"\$\{\w+_ENCRYPTION_KEY:-([^}]*)\}", COMPOSE)
    assert len(keys) == len(set(keys)) == 3
    for key in keys:
        Fernet(key)


def test_no_secret_can_be_built_into_an_image():
    """Secrets come at run time: the Dockerfile takes the service's name, and nothing else."""
    dockerfile = (ROOT / "deploy" / "docker" / "Dockerfile").read_text(encoding="utf-8")
    assert set(re.findall(r"^ARG (\w+)", dockerfile, re.MULTILINE)) == {"SERVICE"}
    assert not re.search("PASSWORD|SECRET|TOKEN|KEY", dockerfile)
