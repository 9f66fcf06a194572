"""The one exception that users cause and can mend."""


class InputError(Exception):
    """Something a user gave cannot be used; the message names the culprit and the cure in one sentence."""
