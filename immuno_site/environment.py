"""Reads one environment variable and says in a sentence what to do when it is missing or wrong."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def env(name: str, default: str | None = None, *, choices: tuple[str, ...] = ()) -> str:
    """The variable's text, or `default`; without either the start stops."""
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise ImproperlyConfigured(
            f"Set the environment variable {name} (env.example says what it is for), "
            "or IMMUNO_ENV=development on your own machine."
        )
    if choices and value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}; set it to one of: {', '.join(choices)}.")
    return value


def env_bool(name: str, *, default: bool) -> bool:
    """yes/no, true/false, on/off, 1/0."""
    value = env(name, "yes" if default else "no").lower()
    if value in {"yes", "true", "on", "1"}:
        return True
    if value in {"no", "false", "off", "0"}:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}; set it to yes or no.")


def env_list(name: str, default: str | None = None) -> list[str]:
    """Comma-separated words."""
    return [word.strip() for word in env(name, default).split(",") if word.strip()]


def env_secret(name: str, default: str | None = None) -> str:
    """The variable itself, or the content of the file that <name>_FILE names (systemd credentials)."""
    path = os.environ.get(f"{name}_FILE", "").strip()
    if not path:
        return env(name, default)
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE points to {path}, which cannot be read: {error}.") from error
