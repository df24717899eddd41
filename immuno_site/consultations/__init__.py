"""The private room: what patients send us, their files, and the inbox."""
