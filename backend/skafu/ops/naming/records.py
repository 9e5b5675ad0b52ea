"""What the company's zone has to say of an environment: where its zone is and, where its console
has a host of the company's, that host's address and the proof for its certificate.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from skafu.ops.artefact.sources import Refused
from skafu.ops.environments import Environment

DELEGATION_TTL_S = 86_400
"""As long as the world may go on asking old name servers."""
PROOF_TTL_S = 300
CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"
"""Where aliases of CloudFront's distributions are, the same for every one (AWS's documentation of
AliasTarget).
"""
EDGE_REGION = "us-east-1"
"""Where CloudFront's certificates are, whatever the environment's region is."""
ASKED_FOR = ("PENDING_VALIDATION", "ISSUED")


@dataclass(frozen=True)
class Record:
    """A set of records. `alias`: the name of a CloudFront distribution instead of values."""

    name: str
    type: str
    values: tuple[str, ...] = ()
    alias: str = ""
    ttl: int = DELEGATION_TTL_S

    def __str__(self) -> str:
        what = f"alias of {self.alias}" if self.alias else " ".join(self.values)
        return f"{self.name} {self.type} {what}"

    def change(self) -> dict[str, Any]:
        """As Route 53 takes it, in a request of its own: the role that writes it may write records
        of one kind at a time.
        """
        found: dict[str, Any] = {"Name": self.name, "Type": self.type}
        if self.alias:
            found["AliasTarget"] = {
                "DNSName": self.alias,
                "HostedZoneId": CLOUDFRONT_ZONE,
                "EvaluateTargetHealth": False,
            }
        else:
            found["TTL"] = self.ttl
            found["ResourceRecords"] = [{"Value": each} for each in self.values]
        return {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": found}]}


def zone_id(client: Any, name: str) -> str:
    """The id of the account's public zone of a name. Raises Refused when there is none, or more
    than one: each has other name servers.
    """
    page = client.list_hosted_zones_by_name(DNSName=name)["HostedZones"]
    found = [
        each["Id"].rpartition("/")[2]
        for each in page
        if each["Name"].rstrip(".") == name and not each["Config"].get("PrivateZone")
    ]
    if len(found) != 1:
        raise Refused(f"The account has {len(found)} public zones of {name}, and should have one.")
    return str(found[0])


def delegation(client: Any, environment: Environment) -> Record:
    """Where the environment's zone is, also while its stack waits for being delegated. Raises
    Refused when it has none.
    """
    if environment.names is None:
        raise Refused(f"environments/{environment.name}.yaml has no names.")
    zone = environment.names.zone
    found = client.get_hosted_zone(Id=zone_id(client, zone))["DelegationSet"]["NameServers"]
    return Record(zone, "NS", tuple(sorted(f"{each.rstrip('.')}." for each in found)))


def console(edge: Any, certificates: Any, host: str) -> Iterator[Record]:
    """Of a console's host in the company's zone, as far as it is there yet: its distribution's
    address (`edge` is a client of cloudfront), the proof for its certificate (of acm).
    """
    for name in _distributions(edge, host):
        yield Record(host, "A", alias=name)
        yield Record(host, "AAAA", alias=name)
    yield from _proofs(certificates, host)


def _distributions(client: Any, host: str) -> Iterator[str]:
    for page in client.get_paginator("list_distributions").paginate():
        for each in page["DistributionList"].get("Items") or ():
            if host in (each["Aliases"].get("Items") or ()):
                yield each["DomainName"]


def _proofs(client: Any, host: str) -> Iterable[Record]:
    """Each once: certificates for one host have the same."""
    found = {}
    pages = client.get_paginator("list_certificates").paginate(CertificateStatuses=ASKED_FOR)
    for page in pages:
        for each in page["CertificateSummaryList"]:
            if each["DomainName"] == host:
                asked = client.describe_certificate(CertificateArn=each["CertificateArn"])
                for option in asked["Certificate"].get("DomainValidationOptions", ()):
                    # Comes some seconds after the certificate was asked for.
                    if proof := option.get("ResourceRecord"):
                        name, value = proof["Name"].rstrip("."), proof["Value"]
                        found[name] = Record(name, "CNAME", (value,), ttl=PROOF_TTL_S)
    return found.values()
