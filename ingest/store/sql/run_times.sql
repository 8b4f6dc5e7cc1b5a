update payloads set run_started_at = r.started_at
from runs r
where r.run_id = payloads.run_id and payloads.run_id in (select run_id from some_runs)
    and payloads.run_started_at is distinct from r.started_at;
