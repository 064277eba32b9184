"""One request, one file: `<verb>_<noun>.py`. The only place where signing, digitize and vault meet; no HTTP, no SQL."""
