"""What the inspecting process may still ask of the kernel once everything is loaded: to read its file and to answer.

No file is opened any more, no connection made, no other process looked at or started, so that a hole in a library
that reads files is no hole in the site. Done by libseccomp, which every Debian machine has.
"""

from __future__ import annotations

import ctypes
import errno

# Memory, the file on standard input, the answer on standard output, and leaving.
ALLOWED = (
    "read", "readv", "pread64", "write", "writev", "lseek", "fstat", "newfstatat", "statx", "fcntl", "ioctl", "close",
    "mmap", "munmap", "mremap", "mprotect", "madvise", "brk", "futex", "sched_yield", "getrandom",
    "clock_gettime", "gettimeofday", "getrusage", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack",
    "gettid", "getpid", "tgkill", "prlimit64", "restart_syscall", "exit", "exit_group",
)  # fmt: skip
_REFUSE = 0x00050000 | errno.EPERM  # SCMP_ACT_ERRNO
_ALLOW = 0x7FFF0000  # SCMP_ACT_ALLOW
_UNKNOWN = -1  # a call this processor's kernel does not have


class NotConfined(Exception):
    """The kernel or the library for it is not there: nothing may be read then."""


def library() -> ctypes.CDLL | None:
    """libseccomp; None where a machine has none."""
    try:
        found = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        return None
    found.seccomp_init.restype = ctypes.c_void_p
    found.seccomp_rule_add.argtypes = (ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint)
    found.seccomp_load.argtypes = (ctypes.c_void_p,)
    return found


def confine() -> None:
    """For good: there is no way back. Raises NotConfined."""
    seccomp = library()
    if seccomp is None:
        raise NotConfined
    rules = seccomp.seccomp_init(_REFUSE)
    for name in ALLOWED:
        call = seccomp.seccomp_syscall_resolve_name(name.encode())
        if call != _UNKNOWN and seccomp.seccomp_rule_add(rules, _ALLOW, call, 0):
            raise NotConfined
    if seccomp.seccomp_load(rules):
        raise NotConfined
