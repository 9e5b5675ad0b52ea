"""Roles of infrastructure/dns.yaml, one for each environment that has names.

What a role may write are records by name, type and kind of change, which Route 53 tells IAM by
three keys that begin with route53:ChangeResourceRecordSets: NormalizedRecordNames (lower case, no
dot at the end), RecordTypes and Actions. Each holds as many values as a request has changes, hence
ForAllValues, which is true of none at all, hence Null.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from skafu.ops.environments import Environment
from skafu.ops.generated import Generated, between

PATH = "infrastructure/dns.yaml"
PARTS = ("delegation accounts", "delegation conditions", "delegation roles")
PROOF = "_" + "?" * 32
"""How ACM names the record by which it validates a host: 32 digits below the host."""
KEY = "route53:ChangeResourceRecordSets"
KEYS = ("NormalizedRecordNames", "RecordTypes", "Actions")


def role_name(environment: str) -> str:
    """Of the role in the shared services account."""
    return f"skafu-dns-{environment}"


def _account(environment: Environment) -> str:
    name = environment.name.title()
    return f"""\
  {name}Account:
    Type: String
    Default: ""
    AllowedPattern: ^(\\d{{12}})?$
    Description: The account of {environment.name}, whose people then may write its delegation
"""


def _condition(environment: Environment) -> str:
    name = environment.name.title()
    return f'  Delegates{name}: !Not [!Equals [!Ref {name}Account, ""]]\n'


def _written(sid: str, operator: str, name: str, types: str) -> str:
    """A statement: upserts of these types of record under this name."""
    values = (f'["{name}"]', f"[{types}]", "[UPSERT]")
    asked = "".join(f"                  {KEY}{key}: {v}\n" for key, v in zip(KEYS, values))
    told = "".join(f'                  {KEY}{key}: "false"\n' for key in KEYS)
    return f"""\
              - Sid: {sid}
                Effect: Allow
                Action: route53:ChangeResourceRecordSets
                Resource: !Sub arn:${{AWS::Partition}}:route53:::hostedzone/${{Zone}}
                Condition:
                  ForAllValues:{operator}:
{_indented(asked)}                  "Null":
{_indented(told)}"""


def _indented(lines: str) -> str:
    return "".join(f"  {line}" for line in lines.splitlines(keepends=True))


def _statements(environment: Environment) -> Iterator[str]:
    if environment.names:
        yield _written("Delegation", "StringEquals", environment.names.zone, "NS")
    if host := environment.host_in_parent:
        yield _written("Console", "StringEquals", host, "A, AAAA")
        yield _written("ConsoleCertificate", "StringLike", f"{PROOF}.{host}", "CNAME")


def _role(environment: Environment) -> str:
    name = environment.name.title()
    return f"""\
  {name}Delegation:
    Type: AWS::IAM::Role
    Condition: Delegates{name}
    Properties:
      RoleName: {role_name(environment.name)}
      Description: Writes where the zone of {environment.name} is, from its account
      # Which identities of that account may take it on is said there: the pipeline may not.
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {{ AWS: !Sub "arn:${{AWS::Partition}}:iam::${{{name}Account}}:root" }}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: delegation
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              # Zones are listed all or none.
              - Sid: FindTheZone
                Effect: Allow
                Action: route53:ListHostedZonesByName
                Resource: "*"
{"".join(_statements(environment))}
"""


def generated(root: Path, environments: Iterable[Environment]) -> Generated:
    """The template with a role for each environment that has names."""
    ours = [each for each in environments if each.names]
    text = (root / PATH).read_text("utf-8")
    for part, made in zip(PARTS, (_account, _condition, _role)):
        text = between(text, f"begin: {part}", f"end: {part}", "".join(map(made, ours)))
    return Generated(PATH, text)
