"""Whether the optional packages for performance estimation are there."""

import importlib.util

from simlab.errors import InputError

PACKAGES = {"PEPit": "pepit", "clarabel": "clarabel", "sdpap": "sdpa-multiprecision"}


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
