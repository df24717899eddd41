"""Argon2 as this house can afford it."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id46MiB(Argon2PasswordHasher):
    """OWASP's 46 MiB, one pass. Django's 100 MiB and 8 lanes would let twenty guesses a second fill the memory."""

    memory_cost = 46 * 1024
    time_cost = 1
    parallelism = 1
