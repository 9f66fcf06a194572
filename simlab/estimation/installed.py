"""Whether the optional packages for performance estimation are there."""

import importlib.util

from simlab.errors import InputError

PACKAGES = {"PEPit": "pepit", "clarabel": "clarabel"}


def check_installed() -> None:
    """Refuse to begin without the optional packages.

    Raises
    ------
    InputError
        With the command that installs them.
    """
    missing = [name for module, name in PACKAGES.items() if importlib.util.find_spec(module) is None]
    if missing:
        raise InputError(
            f"exact worst cases need {' and '.join(missing)}; install them with: pip install 'simlab[pep]'."
        )


def has_multiple_precision() -> bool:
    """Whether the solver in multiple precision is there: it is not made for all platforms."""
    return importlib.util.find_spec("sdpap") is not None
