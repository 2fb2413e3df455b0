"""How the emulator says no."""


class InputError(ValueError):
    """What was asked cannot be read: 400."""


class MissingError(LookupError):
    """What was asked for is not there: 404."""


class ForbiddenError(Exception):
    """This kind of key may not do this: 403."""


class RuleError(Exception):
    """A rule of the product forbids the edit; GraphQL answers with `errors`."""
