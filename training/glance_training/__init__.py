"""Training, quantisation and evaluation of Glance's multi-exit model packages."""

__version__ = "0.8.1"


class UserError(Exception):
    """A fault the user can mend; its message says what to do. The command line prints it without a traceback."""
