"""What goes wrong with a store of files, the same for a folder and for S3."""


class StorageUnavailable(OSError):
    """Files cannot be stored or read now. Nothing may be acknowledged."""


class FileLost(StorageUnavailable):
    """There is a row, but no file."""
