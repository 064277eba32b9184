"""`anso openapi`: the description of the HTTP interface, as served at /openapi.json."""

import typer

app = typer.Typer()


@app.command()
def openapi() -> None:
    """Mô tả API / print the OpenAPI document."""
    import json

    from api.main import describe_api

    print(json.dumps(describe_api(), ensure_ascii=False, indent=2, sort_keys=True))
