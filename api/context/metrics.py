"""Counters of the HTTP service for Prometheus: by route template, never by address or id."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """One process's counters."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "anso_http_requests", "Requests answered", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "anso_http_request_seconds",
            "Time to the answer's first byte",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._in_flight = Gauge("anso_http_requests_in_flight", "Requests being served", registry=self._registry)

        self._clock_trusted = Gauge(
            "anso_clock_trusted", "Whether time is stamped with this clock", registry=self._registry
        )
        self._clock_offset = Gauge(
            "anso_clock_offset_seconds", "References minus this clock, where known", registry=self._registry
        )

        self._list_age = Gauge(
            "anso_crl_age_seconds",
            "Since a revocation list was published; NaN: never",
            ("list",),
            registry=self._registry,
        )
        self._list_waiting = Gauge(
            "anso_crl_waiting_seconds",
            "Since the first change that a revocation list does not show yet",
            ("list",),
            registry=self._registry,
        )

        self._stamp_seconds = Histogram(
            "anso_timestamp_seconds",
            "Calls to time-stamp authorities elsewhere, by how they ended",
            ("authority", "outcome"),
            buckets=(*_BUCKETS, 60.0, 150.0),
            registry=self._registry,
        )
        self._stamp_resting = Gauge(
            "anso_timestamp_authority_resting",
            "Whether an authority is left alone after a failure",
            ("authority",),
            registry=self._registry,
        )
        self._pending = Gauge(
            "anso_timestamps_pending", "Files that lack a time-stamp or evidence", registry=self._registry
        )
        self._pending_age = Gauge(
            "anso_timestamps_pending_seconds", "Since when the oldest of them waits", registry=self._registry
        )
        self._pending_alarmed = Gauge(
            "anso_timestamps_alarmed", "Of them, how many an alarm has named", registry=self._registry
        )

    def see_stamp_call(self, authority: str, outcome: str, seconds: float) -> None:
        """One call to a time-stamp authority, by the name in the settings."""
        self._stamp_seconds.labels(authority, outcome).observe(seconds)

    def see_authority(self, authority: str, *, is_resting: bool) -> None:
        """How an authority stands at the moment of asking."""
        self._stamp_resting.labels(authority).set(int(is_resting))

    def see_pending(self, *, count: int, oldest_s: float, alarmed: int) -> None:
        """How much waits for a time-stamp, at the moment of asking."""
        self._pending.set(count)
        self._pending_age.set(oldest_s)
        self._pending_alarmed.set(alarmed)

    def see_clock(self, *, is_trusted: bool, offset_s: float | None) -> None:
        """What the guard of the clock says at the moment of asking."""
        self._clock_trusted.set(int(is_trusted))
        self._clock_offset.set(float("nan") if offset_s is None else offset_s)

    def see_list(self, name: str, *, age_s: float | None, waiting_s: float) -> None:
        """How old a revocation list is, and how long a change has waited to be in it, at the moment of asking."""
        self._list_age.labels(name).set(float("nan") if age_s is None else age_s)
        self._list_waiting.labels(name).set(waiting_s)

    def begin(self) -> None:
        """A request came in."""
        self._in_flight.inc()

    def end(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """It was answered, in so many seconds."""
        self._in_flight.dec()
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def render(self) -> bytes:
        """All counters in Prometheus' text form."""
        return generate_latest(self._registry)
