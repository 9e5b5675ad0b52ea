"""Who may know whom. A rule that fails names the module and what it imports."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source import Module, deployed, modules

DOMAINS = ("metrics", "alerts", "workspace")
# What tries a release knows it as its callers do: by its API and its events.
EXAMINER = "canary"
# What is around the domains knows none of them. The probe does as a customer some of what the
# examiner does.
AROUND: dict[str, set[str]] = {"probe": {EXAMINER}, "scaling": set()}
# What alerts may read of metrics: values and what is stored, never how points get in or out.
# That an alert watches a metric is told too: metrics that nobody looks at are listed.
READ_SIDE = {
    "skafu.metrics.model",
    "skafu.metrics.store",
    "skafu.metrics.items",
    "skafu.metrics.touches",
    # Backtests read the past as queries do: chunks and hours too, and never what is deleted.
    "skafu.metrics.reader",
    "skafu.metrics.demands",
    "skafu.metrics.hours",
    "skafu.metrics.deletions",
    "skafu.metrics.times",
    # What an alert costs is estimated by the same prices as what points do.
    "skafu.metrics.prices",
}
# A fire drill goes the whole way, from a point on.
DRILLED = {"skafu.alerts.drills.steps": {"skafu.metrics.ingest"}}
# Dashboards keep queries: what one looks like, and that somebody has looked at its metrics.
QUERIES = {
    "skafu.metrics.fields.schemas",
    "skafu.metrics.model",
    "skafu.metrics.points",
    "skafu.metrics.query.parsing",
    "skafu.metrics.touches",
}
PURE = {"model", "machine", "codec"}
IMPURE = ("botocore", "boto3", "os", "time", "random", "secrets", "socket", "threading")
PYDANTIC = {"schemas", "validation"}
# Files where "#" between names is no key, and what it is.
HASHES = {
    "skafu.shared.keys": "the keys themselves",
    "skafu.shared.wire": "placeholders of expressions",
    "skafu.alerts.senders.webhook": "what a hash is made of",
}


def broken(rule: dict[str, set[str]]) -> dict[str, set[str]]:
    return {name: found for name, found in rule.items() if found}


def in_domain(domain: str) -> list[Module]:
    found = [module for module in deployed() if module.domain == domain]
    assert found, f"no modules in {domain}"
    return found


def test_shared_knows_no_domain() -> None:
    others = [f"skafu.{domain}" for domain in (*DOMAINS, EXAMINER)]

    assert not broken({m.name: m.imports_any(*others) for m in in_domain("shared")})


def test_what_examines_a_release_is_no_part_of_what_it_examines() -> None:
    domains = [f"skafu.{domain}" for domain in DOMAINS]

    assert not broken({m.name: m.imports_any(*domains) for m in in_domain(EXAMINER)})
    examined = [m for domain in DOMAINS for m in in_domain(domain)]
    assert not broken({m.name: m.imports_any(f"skafu.{EXAMINER}") for m in examined})


@pytest.mark.parametrize("domain", AROUND)
def test_what_is_around_the_domains_knows_none_of_them(domain: str) -> None:
    others = {*DOMAINS, EXAMINER, *AROUND} - {domain} - AROUND[domain]
    roots = [f"skafu.{other}" for other in others]

    assert not broken({m.name: m.imports_any(*roots) for m in in_domain(domain)})
    inside = [m for each in (*DOMAINS, EXAMINER, "shared") for m in in_domain(each)]
    assert not broken({m.name: m.imports_any(f"skafu.{domain}") for m in inside})


@pytest.mark.parametrize(
    ("domain", "others"),
    [
        ("metrics", ["alerts", "workspace"]),
        ("workspace", ["alerts"]),
        ("alerts", ["workspace"]),
    ],
)
def test_a_domain_knows_itself_and_shared(domain: str, others: list[str]) -> None:
    roots = [f"skafu.{other}" for other in others]

    assert not broken({m.name: m.imports_any(*roots) for m in in_domain(domain)})


def test_alerts_read_what_metrics_stored_and_nothing_else() -> None:
    assert not broken(
        {
            m.name: m.imports_any("skafu.metrics") - READ_SIDE - DRILLED.get(m.name, set())
            for m in in_domain("alerts")
        }
    )


def test_dashboards_know_what_queries_look_like_and_nothing_else_of_metrics() -> None:
    found = {m.name: m.imports_any("skafu.metrics") for m in in_domain("workspace")}
    ours = "skafu.workspace.dashboards."

    assert not broken({name: found[name] for name in found if not name.startswith(ours)})
    assert not broken({name: imported - QUERIES for name, imported in found.items()})


def test_nothing_deployed_knows_the_operators_commands() -> None:
    assert not broken({m.name: m.imports_any("skafu.ops") for m in deployed()})


def test_handlers_are_imported_by_nobody() -> None:
    handlers = [module.name for module in deployed() if module.is_handler]
    assert handlers

    assert not broken({m.name: m.imports_any(*handlers) for m in modules()})


def test_handler_files_only_wire() -> None:
    """They define nothing: what a handler does can be built again, with other parts, in a test."""
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for module in deployed():
        if module.is_handler:
            assert not [n for n in ast.walk(module.tree) if isinstance(n, definitions)], module.name


def test_values_and_pure_functions_reach_for_nothing_outside() -> None:
    pure = [module for module in deployed() if module.stem in PURE]
    assert pure

    assert not broken({m.name: m.imports_any(*IMPURE) for m in pure})


def test_time_is_an_argument() -> None:
    """Only clock.py asks the system what time it is; pauses are given too."""
    asked = {
        module.name: {f"{ast.unparse(n)}" for n in ast.walk(module.tree) if _asks_for_time(n)}
        for module in deployed()
        if module.name != "skafu.shared.clock"
    }

    assert not broken(asked)


def _asks_for_time(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    called = ast.unparse(node.func)
    return called.endswith(("datetime.now", "datetime.utcnow", "date.today")) or called in {
        "time.time",
        "time.time_ns",
        "time.sleep",
    }


def test_pydantic_stays_at_the_edge() -> None:
    assert not broken(
        {
            m.name: m.imports_any("pydantic", "pydantic_core")
            for m in deployed()
            if m.stem not in PYDANTIC
        }
    )


def test_models_of_requests_are_imported_inside_the_endpoints_that_need_them() -> None:
    """Pydantic costs a cold start more than the rest of Skafu: only schemas may import schemas at
    the top of a file.
    """
    slow = {"skafu.shared.validation", "skafu.metrics.query.schemas"}
    slow |= {"skafu.metrics.fields.schemas", "skafu.workspace.dashboards.schemas"}
    slow |= {f"skafu.{domain}.schemas" for domain in DOMAINS}
    top = {
        module.name: slow & set(_top_level(module))
        for module in deployed()
        if module.stem not in PYDANTIC
    }

    assert not broken(top)


def _top_level(module: Module) -> Iterator[str]:
    for node in module.tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_boto3_is_for_operators_only() -> None:
    assert not broken({m.name: m.imports_any("boto3", "s3transfer") for m in deployed()})


def test_keys_are_made_in_one_place() -> None:
    """No other module puts `#` between names, or takes keys apart at it."""
    found = {
        module.name: {ast.unparse(node) for node in ast.walk(module.tree) if _is_hash(node)}
        for module in deployed()
        if module.name not in HASHES
    }

    assert not broken(found)


def _is_hash(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(v, ast.Constant) and "#" in str(v.value) for v in node.values)
    return isinstance(node, ast.Constant) and node.value == "#"


def test_exceptions_to_the_rule_of_keys_are_still_needed() -> None:
    names = {module.name for module in deployed()}
    for exempt in HASHES:
        assert exempt in names
