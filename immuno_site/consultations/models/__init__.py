"""The private room's concepts, one file each."""

from immuno_site.consultations.models.key_canary import KeyCanary

__all__ = ["KeyCanary"]
