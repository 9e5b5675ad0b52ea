"""The drill of a failover: load on two regions' one table, a region that goes down, the other one
that takes over, the first one that comes back and must not act, and the way home.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from skafu.ops.recovery import targets
from skafu.ops.recovery.stand_ins import CognitoDirectory, StandIns
from skafu.ops.recovery.targets import Measured
from skafu.ops.recovery.traffic import METRIC, NAMESPACE
from skafu.shared import keys
from skafu.shared.clock import system_clock
from skafu.shared.dynamo import DynamoTable

from local import cloud, login, stack
from local.api import Api, ApiError, MachineToken
from local.drill.playing import Playing
from local.home import ENVIRONMENT, REGION, STACK
from local.rehearsal.ledger import Cell
from local.rehearsal.steps import require
from local.rehearsal.writer import Point, Writer, read_back, sender, wait_until

AWAY = "us-west-2"
ALARM = f"skafu-{ENVIRONMENT}-moved"
LAG_S = 1.0
"""What the stand-in for DynamoDB's replication takes; DynamoDB's is "typically" within a second."""
BEFORE_S, AWAY_S, AFTER_S, LED_S = 20.0, 15.0, 8.0, 90.0
TAKEN_S, BACK_S, DRAINED_S, BACK_COMMAND_S = 60.0, 90.0, 60.0, 400.0
SKIPPED = (
    "Replication is a stand-in that takes a second; how far DynamoDB's is behind when a region "
    "fails, its ReplicationLatency tells, not this drill.",
    "The name is a stand-in too: it follows the alarm at once. Route 53 takes a minute or two, and "
    "resolvers another one.",
    "A region that is down answers 503 here, at once. A real one may answer late or in part.",
    "CloudFormation of the embedded AWS is quicker than AWS's.",
    "Nobody has to notice and to decide: the clock runs from the outage itself.",
)


@dataclass
class Name:
    """Where machines send to: as a name that follows the alarm leads them, with the credentials of
    the region that it leads to. Without data it leads where it led, as its health check has it.
    """

    apis: Mapping[str, Api]
    cloudwatch: Any
    _last: str = REGION

    def leads_to(self) -> str:
        """The region."""
        [found] = self.cloudwatch.describe_alarms(AlarmNames=[ALARM])["MetricAlarms"]
        known = {"ALARM": AWAY, "OK": REGION}
        self._last = known.get(found["StateValue"], self._last)
        return self._last

    def send(self, point: Point) -> int:
        """Send a point once: the status of the answer, 0 for none."""
        return sender(self.apis[self.leads_to()])(point)


class Drill(Playing):
    """A region goes down under load, and comes back."""

    @property
    def variables(self) -> dict[str, str]:
        return {"SKAFU_LAG_SECONDS": str(LAG_S), "SKAFU_REGIONS_DOWN": str(self._down)}

    def play(self) -> None:
        """All of it. Raises Refused when something does not go as it has to."""
        self._found()
        name = self._prepare()
        writer = self._write(name)
        outage = self._outage()
        moved = self._fail_over()
        lost = self._is_back(name, outage, moved)
        self._judge(outage, lost)
        self._comes_back(outage, lost)
        self._goes_home(name)
        self._account(writer, name)

    # --- acts -------------------------------------------------------------------------------------

    def _found(self) -> None:
        with self.steps.step("Skafu in two regions over one table") as told:
            ours = f"HomeRegion={REGION}"
            stack.deploy(self.home, lambda _: None, REGION, [ours])
            here = stack.outputs(self.home)
            login.found(self.home, here)
            dynamodb = cloud.client(self.home, "dynamodb")
            made = {"Create": {"RegionName": AWAY}}
            dynamodb.update_table(TableName=here["TableName"], ReplicaUpdates=[made])
            said = self.must("failover", "parameters", "--other", AWAY).last
            more = said.replace("--parameter ", "").split()
            stack.deploy(self.home, lambda _: None, AWAY, more)
            told.append(f"{REGION} acts, {AWAY} stands by")

    def _prepare(self) -> Name:
        with self.steps.step("who can sign in here can sign in there") as told:
            self._alarm()
            said = self.must("failover", "prepare", "--other", AWAY).last
            away = stack.outputs(self.home, AWAY)
            there = login.read(self.home)
            directory = CognitoDirectory(
                cloud.client(self.home, "cognito-idp", AWAY), away["UserPoolId"]
            )
            table = DynamoTable(cloud.client(self.home, "dynamodb", AWAY), away["TableName"])
            me = login.machine_api(self.home).ask("GET", "/api/me")
            [ours] = [
                each
                for each in StandIns(table, directory, system_clock).credentials(me["tenant"])
                if each.name == login.MACHINE
            ]
            token = MachineToken(there["token_url"], ours.client_id, ours.secret, system_clock)
            other = Api(away["ApiEndpoint"], token)
            same = other.ask("GET", "/api/me")
            require(same == me, f"There it is {same}, here {me}.")
            crossed = Api(away["ApiEndpoint"], login.machine_api(self.home).token)
            require(crossed.ask("GET", "/api/me") == me, "Tokens from here are refused there.")
            told.append(f"{said}; the machine is the same {me['role']} with either credentials")
        apis = {REGION: login.machine_api(self.home), AWAY: other}
        return Name(apis, cloud.client(self.home, "cloudwatch", AWAY))

    def _alarm(self) -> None:
        """As infrastructure/names.yaml makes it: what the name's health check follows."""
        cloud.client(self.home, "cloudwatch", AWAY).put_metric_alarm(
            AlarmName=ALARM,
            Namespace=NAMESPACE,
            MetricName=METRIC,
            Dimensions=[{"Name": "Environment", "Value": ENVIRONMENT}],
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1.0,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="missing",
        )

    def _write(self, name: Name) -> Writer:
        with self.steps.step("machines write, from here to the end") as told:
            writer = Writer(name.send, self.ledger)
            writer.start()
            self.closing.append(writer.abandon)
            wait_until(lambda: self.ledger.acknowledged > 0, TAKEN_S, "no point was acknowledged")
            time.sleep(BEFORE_S)
            told.append(f"{self.ledger.acknowledged} points acknowledged")
        return writer

    def _outage(self) -> int:
        with self.steps.step(f"{REGION} goes down") as told:
            at = system_clock()
            self._down.parent.mkdir(parents=True, exist_ok=True)
            self._down.write_text(REGION, encoding="ascii")
            try:
                answer = login.machine_api(self.home).send("/api/metrics", b"", "drill").status
            except (OSError, ApiError) as error:
                answer = 503 if "503" in str(error) else 0
            require(answer == 503, f"{REGION} answers {answer}.")
            told.append("its API, its user pool and its services answer 503")
        return at

    def _fail_over(self) -> int:
        with self.steps.step(f"{AWAY} takes over") as told:
            # A smoke test has limits of time, which nothing keeps while all is cold; below,
            # every point is read.
            line = ("--to", AWAY, "--other", AWAY, "--without-source", "--yes", "--no-smoke")
            done = self.must("failover", *line)
            self.figures["failover_command_s"] = round(done.seconds, 1)
            told.append(done.last)
        return system_clock()

    def _is_back(self, name: Name, outage: int, moved: int) -> list[Cell]:
        """What was acknowledged before the outage and is not there."""
        with self.steps.step(f"points are taken and read in {AWAY}") as told:
            require(name.leads_to() == AWAY, "The name does not lead there.")
            wait_until(lambda: self._took(moved), BACK_S, f"{AWAY} takes no points")
            api = name.apis[AWAY]
            wanted = set(self.ledger.acknowledged_by(outage))
            stored = set(read_back(api, *self.ledger.span))
            self.figures["rto_s"] = (system_clock() - outage) / 1000
            lost = sorted(wanted - stored)
            when = self.ledger.when()
            first = min((when[cell] for cell in lost), default=outage)
            self.figures |= {"rpo_s": (outage - first) / 1000, "missing_points": len(lost)}
            told.append(
                f"{self.figures['rto_s']:.1f} s after the outage; of {len(wanted)} points from "
                f"before it {len(lost)} had not been replicated"
            )
        return lost

    def _took(self, since: int) -> bool:
        return any(each.is_good and each.at > since for each in self.ledger.attempts)

    def _judge(self, outage: int, lost: list[Cell]) -> None:
        measured = Measured(self.figures["rto_s"], self.figures["rpo_s"])
        verdicts = list(targets.judged(targets.load(), measured))
        with self.steps.step("within the targets of delivery/recovery.yaml") as told:
            for each in verdicts:
                self.steps.tell(f"          {each}")
            late = [each.service for each in verdicts if not each.holds]
            require(not late, f"not within: {', '.join(late)}")
            old = [cell for cell in lost if self.ledger.when()[cell] < outage - 1000 * LAG_S * 5]
            require(not old, f"{len(old)} of those missing had been written long before.")
            told.append(f"RTO {measured.rto_s:.1f} s, RPO {measured.rpo_s:.1f} s")

    def _comes_back(self, outage: int, lost: list[Cell]) -> None:
        with self.steps.step(f"{REGION} comes back, and does nothing") as told:
            time.sleep(AWAY_S)
            self._down.unlink()
            home = DynamoTable(cloud.client(self.home, "dynamodb"), self._table())
            wait_until(lambda: _named(home) == AWAY, BACK_S, "the table is not told")
            time.sleep(6)  # as long as a process remembers the answer before (fence.py)
            for function in ("alert-sweeper", "alert-evaluator", "alert-notifier"):
                answer = self._called(function)
                require(answer == {"batchItemFailures": []}, f"{function} acts: {answer}")
            api = Api(
                stack.outputs(self.home, AWAY)["ApiEndpoint"], login.machine_api(self.home).token
            )
            wanted = set(self.ledger.acknowledged_by(outage))
            wait_until(
                lambda: wanted <= set(read_back(api, *self.ledger.span)),
                *(BACK_S, "what was not replicated did not come"),
            )
            told.append(f"the {len(lost)} points that were missing have come")
        with self.steps.step(f"{REGION} is stopped for good") as told:
            line = ("--to", AWAY, "--other", AWAY, "--yes", "--no-smoke")
            said = self.must("failover", *line).said
            require(f"{REGION}: {STACK} does nothing by itself\n" in said, said[-400:])
            told.append("its stream's mapping and its schedules are off")

    def _goes_home(self, name: Name) -> None:
        with self.steps.step(f"back to {REGION}, under load") as told:
            began = system_clock()
            line = ("--back", "--other", AWAY, "--compare", "--yes", "--no-smoke")
            said = self.must("failover", *line, seconds=BACK_COMMAND_S)
            wait_until(lambda: name.leads_to() == REGION, LED_S, "the name does not lead home")
            self.figures["back_command_s"] = round(said.seconds, 1)
            failed = self.ledger.failures(began, system_clock())
            self.figures["failed_requests_on_the_way_back"] = failed
            told.append(f"{said.last}; {failed} requests failed")
        time.sleep(AFTER_S)

    def _account(self, writer: Writer, name: Name) -> None:
        with self.steps.step("each acknowledged point is accounted for, at home") as told:
            writer.stop(DRAINED_S)
            require(not writer.trouble, f"The writer failed: {writer.trouble[:1]}")
            time.sleep(3 * LAG_S)
            balance = self.ledger.balance(read_back(name.apis[REGION], *self.ledger.span))
            self.figures |= {
                "acknowledged": balance.acknowledged,
                "lost_in_the_end": len(balance.lost),
                "failed_requests": sum(not each.is_good for each in self.ledger.attempts),
            }
            require(balance.holds, str(balance))
            told.append(str(balance))

    # --- what is there ----------------------------------------------------------------------------

    @property
    def _down(self) -> Any:
        return self.home.folder / "regions-down"

    def _table(self) -> str:
        return stack.outputs(self.home)["TableName"]

    def _called(self, function: str) -> Any:
        """What a function of the home region answers to nothing that it could do."""
        answer = cloud.client(self.home, "lambda").invoke(
            FunctionName=f"{STACK}-{function}", Qualifier="live", Payload=b'{"Records": []}'
        )
        return json.loads(answer["Payload"].read())


def _named(table: DynamoTable) -> str:
    item = table.get(keys.active_region(), consistent=True) or {}
    return str(item.get("region", REGION))
