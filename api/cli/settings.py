"""Settings of one command: the environment, with what the options say on top."""

from pathlib import Path

from api.settings import Settings


def load_settings(data: Path | None = None, **overrides: object) -> Settings:
    """The settings; an option that was given wins over the environment.

    Raises:
        SystemExit: 9 with each malformed variable named, never its value.
    """
    from pydantic import ValidationError

    from api.cli.exits import Exit, fail

    given = {name: value for name, value in {"data": data, **overrides}.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type] # pydantic checks the values
    except ValidationError as err:
        wrong = {str(one["loc"][0]) for one in err.errors() if one["type"] != "default_factory_not_called"}
        names = ", ".join(sorted("ANSO_" + name.upper() for name in wrong))
        fail(Exit.CONFIGURATION, f"giá trị không hợp lệ / invalid value: {names}")
