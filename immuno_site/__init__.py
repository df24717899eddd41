"""The house that serves the library."""

import sys

import pysqlite3

# Debian 12's SQLite can corrupt a WAL database that several processes write to (fixed in 3.51.3).
# pysqlite3 carries a fixed one; every process of the site imports this package first.
sys.modules["sqlite3"] = pysqlite3
