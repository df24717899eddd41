import sys

# pytest keeps what it has compiled, also where Python itself is told to keep nothing: else every process compiles all
# tests anew, for six seconds.
sys.dont_write_bytecode = False
