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
# And for the one library that never works without a thread of its own: what threads ask for.
OF_THREADS = ("set_robust_list", "rseq")
_ERROR = 0x00050000  # SCMP_ACT_ERRNO
_REFUSE = _ERROR | errno.EPERM
_NOT_KNOWN = _ERROR | errno.ENOSYS
_ALLOW = 0x7FFF0000  # SCMP_ACT_ALLOW
_UNKNOWN = -1  # a call this processor's kernel does not have
_CLONE_THREAD = 0x00010000
_MASKED_EQUAL = 7  # SCMP_CMP_MASKED_EQ


class _Compared(ctypes.Structure):
    """scmp_arg_cmp: one argument of a call, held against a value."""

    _fields_ = (
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("mask", ctypes.c_uint64),
        ("value", ctypes.c_uint64),
    )


class NotConfined(Exception):
    """The kernel or the library for it is not there: nothing may be read then."""


def library() -> ctypes.CDLL | None:
    """libseccomp; None where a machine has none."""
    try:
        found = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        return None
    found.seccomp_init.restype = ctypes.c_void_p
    found.seccomp_rule_add_array.argtypes = (
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(_Compared)
    )  # fmt: skip
    found.seccomp_load.argtypes = (ctypes.c_void_p,)
    return found


def confine(*, with_threads: bool = False) -> None:
    """For good: there is no way back. `with_threads`: it may start threads, which are confined like itself, but no
    process. Raises NotConfined."""
    seccomp = library()
    if seccomp is None:
        raise NotConfined
    rules = seccomp.seccomp_init(_REFUSE)

    def rule(action: int, name: str, *held: _Compared) -> None:
        call = seccomp.seccomp_syscall_resolve_name(name.encode())
        compared = (_Compared * len(held))(*held)
        if call != _UNKNOWN and seccomp.seccomp_rule_add_array(rules, action, call, len(held), compared):
            raise NotConfined

    for name in ALLOWED + (OF_THREADS if with_threads else ()):
        rule(_ALLOW, name)
    if with_threads:
        # The newer call keeps its flags where no rule can look; without it the older one is made.
        rule(_NOT_KNOWN, "clone3")
        rule(_ALLOW, "clone", _Compared(0, _MASKED_EQUAL, _CLONE_THREAD, _CLONE_THREAD))
    if seccomp.seccomp_load(rules):
        raise NotConfined
