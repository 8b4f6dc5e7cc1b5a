"""Multi-agent too early: a baseline, delegation, stalls, shared resources, coordination."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from store_builder import AS_OF, Rows, run_row, step_row

from cases.rows import DAY, runs


def baseline(n_multi: int, ok_multi: int, n_single: int, ok_single: int, times_cost: float) -> Rows:
    """Runs of the team and replays by one agent, and how many times as much a success costs."""
    cost_usd = times_cost * (ok_multi / n_multi) / (ok_single / n_single)
    arms = [
        ("multi", "pilot", n_multi, ok_multi, cost_usd),
        ("single", "replay", n_single, ok_single, 1.0),
    ]
    rows = [
        run_row(
            f"{arm}{i}",
            DAY + timedelta(minutes=i),
            stage=stage,
            architecture=arm,
            outcome="success" if i < ok else "failure",
            cost_usd=cost,
        )
        for arm, stage, n, ok, cost in arms
        for i in range(n)
    ]
    return {"runs": rows}


def agents() -> Rows:
    rows = runs(4, architecture="multi")
    deep = ["a", "a > b", "a > b > c", "a > b > c > b"]
    steps = [
        step_row(
            run, f"s{i}", i, kind="agent", agent=path[-1], agent_path=path, reenters_agent=i == 3
        )
        for number, run in enumerate(rows)
        for i, path in enumerate(deep if number == 0 else deep[:3])
    ]
    return {"runs": rows, "steps": steps}


def no_circles(n: int) -> Rows:
    rows = runs(n, architecture="multi")
    spans = [
        step_row(
            run, f"s{i}", i, kind="agent", agent=path[-1], agent_path=path, reenters_agent=False
        )
        for run in rows
        for i, path in enumerate(("a", "a > b"))
    ]
    return {"runs": rows, "steps": spans}


def turns(n: int, n_flagged: int, strip: str = "ABABA", other: str = "ABA") -> Rows:
    """The agents of every run in the order they take over, some with a longer strip."""
    rows = runs(n, architecture="multi")
    spans = [
        step_row(run, f"s{i}", 10 * i, kind="agent", agent=agent, seq=10 * i)
        for number, run in enumerate(rows)
        for i, agent in enumerate(strip if number < n_flagged else other)
    ]
    return {"runs": rows, "steps": spans}


def stalls(n_limited: int = 1, n_idle: int = 1) -> Rows:
    rows = runs(200, architecture="multi")
    for run in rows[:n_limited]:
        run["termination_reason"] = "max_turns"
    steps = [
        step_row(run, f"s{i}", second)
        for number, run in enumerate(rows)
        for i, second in enumerate((0, 2, 900 if 0 < number <= n_idle else 4))
    ]
    return {"runs": rows, "steps": steps}


def acts(run: dict[str, Any], resource: str, *told: str, **columns: Any) -> list[dict[str, Any]]:
    """Reads and writes of one resource, such as `a write`, five seconds apart."""
    return [
        step_row(
            run,
            f"{resource}.{i}",
            5 * i,
            agent=agent,
            resource_key=resource,
            side_effect=effect,
            **columns,
        )
        for i, (agent, effect) in enumerate(one.split() for one in told)
    ]


READ = ("a write", "b read", "b write")
BLIND = ("b read", "a write", "b write")


def shared(n_blind: int, n_read: int, *others: str) -> Rows:
    """Resources that b writes after a, without or with reading them in between, and others."""
    run = runs(1, architecture="multi")[0]
    histories = [BLIND] * n_blind + [READ] * n_read + [(other,) for other in others]
    steps = [step for i, told in enumerate(histories) for step in acts(run, f"o{i}", *told)]
    return {"runs": [run], "steps": steps}


def spent(n: int, planned: int, worked: int) -> Rows:
    """Runs in which a planner and a writer use so many tokens each."""
    rows, steps = runs(n, architecture="multi"), []
    for run in rows:
        for i, (role, tokens) in enumerate((("planner", planned), ("write", worked))):
            steps.append(step_row(run, f"a{i}", 2 * i, kind="agent", agent=role, role=role))
            usage = {"input_tokens": tokens - 10, "output_tokens": 10}
            steps.append(step_row(run, f"l{i}", 2 * i, kind="llm", agent=role, **usage))
    return {"runs": rows, "steps": steps}


def repeated(n: int, k: int) -> Rows:
    """So many tool calls in ten runs, some of them asked before by another agent of the run."""
    rows = runs(10, architecture="multi")
    asked = [("b", i) for i in range(k)] + [("a", i) for i in range(n - k)]
    steps = [
        step_row(
            rows[i % 10],
            f"{agent}{i}",
            100 - ord(agent[0]) % 2,
            agent=agent,
            input_hash=f"h{i}",
            seq=ord(agent),
        )
        for agent, i in asked
    ]
    return {"runs": rows, "steps": steps}


WORKED = [
    ("MA-1", baseline(100, 82, 100, 78, 3.0), AS_OF, 0.04, (-0.0714, 0.1504), "red"),
    ("MA-1", baseline(100, 95, 100, 70, 3.0), AS_OF, 0.25, None, "green"),
    ("MA-1", baseline(100, 60, 100, 80, 0.5), AS_OF, -0.2, None, "red"),
    ("MA-2", agents(), AS_OF, 0.25, None, "insufficient"),
    ("MA-2", no_circles(200), AS_OF, 0.0, None, "green"),
    ("MA-3", turns(2, 1), AS_OF, 0.5, None, "insufficient"),
    ("MA-3", turns(100, 0), AS_OF, 0.0, None, "green"),
    ("MA-3", turns(100, 10), AS_OF, 0.1, None, "red"),
    ("MA-4", stalls(), AS_OF, 0.01, (0.003, 0.036), "amber"),
    ("MA-4", stalls(0, 0), AS_OF, 0.0, None, "green"),
    ("MA-4", stalls(10, 0), AS_OF, 0.05, None, "red"),
    ("MA-5", shared(1, 1), AS_OF, 0.5, None, "insufficient"),
    ("MA-5", shared(0, 80), AS_OF, 0.0, None, "green"),
    ("MA-5", shared(5, 25), AS_OF, 5 / 30, None, "red"),
    ("MA-6", spent(50, 38_000, 62_000), AS_OF, 0.38, (0.38, 0.38), "amber"),
    ("MA-6", spent(50, 10_000, 90_000), AS_OF, 0.1, None, "green"),
    ("MA-6", spent(50, 60_000, 40_000), AS_OF, 0.6, None, "red"),
    ("MA-7", repeated(60, 9), AS_OF, 0.15, (0.081, 0.261), "amber"),
    ("MA-7", repeated(80, 0), AS_OF, 0.0, None, "green"),
    ("MA-7", repeated(60, 20), AS_OF, 20 / 60, None, "red"),
]
