"""Papers of the told story: the log export that Farid uploads. All of it is made up."""

LOG_EXPORT = b"".join(
    f"2026-11-19T{hour:02d}:{minute:02d}:00Z claims-db svc-report-old SELECT claim_file "
    f"rows={17 + minute} from=192.0.2.{40 + hour}\n".encode()
    for hour in (2, 3, 4, 5)
    for minute in range(10, 41, 2)
)
"""An audit log: documentation addresses (RFC 5737), an invented service account."""
