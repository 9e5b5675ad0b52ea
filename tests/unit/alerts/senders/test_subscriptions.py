import json
from dataclasses import replace

import pytest

from skafu.alerts.channels import Channel, ChannelType, audience_of
from skafu.alerts.senders.subscriptions import AddressRefused, Standing, Subscriptions
from skafu.shared.errors import Unavailable
from tests.support.sns import FakeSns, refused

ARN = "arn:aws:sns:us-east-1:123456789012:channels"


def channel(tenant: str = "tenant1", address: str = "ops@example.com") -> Channel:
    kind = ChannelType.SMS if address.startswith("+") else ChannelType.EMAIL
    made = Channel(f"of-{tenant}", 1, "Ops", kind, "", "", 0, 0, address=address)
    return replace(made, audience=audience_of(tenant, kind, address))


def joined(subscriptions: Subscriptions, one: Channel) -> Channel:
    return replace(one, subscription=subscriptions.join(one))


def filter_of(sns: FakeSns, one: Channel) -> list[str]:
    policy = json.loads(sns.subscriptions[one.subscription]["FilterPolicy"])
    assert set(policy) == {"to"}
    return list(policy["to"])


def test_an_address_of_mail_has_to_confirm_and_a_phone_has_not() -> None:
    sns = FakeSns()
    subscriptions = Subscriptions(sns, ARN)
    mail, phone = joined(subscriptions, channel()), joined(
        subscriptions, channel(address="+491511")
    )

    assert subscriptions.standing(mail) is Standing.PENDING
    assert subscriptions.standing(phone) is Standing.CONFIRMED
    sns.confirm()
    assert subscriptions.standing(mail) is Standing.CONFIRMED


def test_no_subscription_ever_stands_without_its_filter() -> None:
    class Watched(FakeSns):
        """Looks at every subscription as it is made."""

        def subscribe(self, **arguments: object) -> dict[str, str]:
            answer = super().subscribe(**arguments)
            assert "FilterPolicy" in self.subscriptions[answer["SubscriptionArn"]]
            return answer

    sns = Watched()

    for tenant in ("tenant1", "tenant2"):
        Subscriptions(sns, ARN).join(channel(tenant))


def test_channels_of_a_tenant_with_one_address_share_a_subscription_that_does_not_change() -> None:
    sns = FakeSns()
    subscriptions = Subscriptions(sns, ARN)

    first, second = joined(subscriptions, channel()), joined(subscriptions, channel())

    assert first.subscription == second.subscription
    assert filter_of(sns, first) == [first.audience]


def test_tenants_share_an_address_without_hearing_each_other() -> None:
    sns = FakeSns()
    subscriptions = Subscriptions(sns, ARN)

    one, other = joined(subscriptions, channel()), joined(subscriptions, channel("tenant2"))

    assert one.audience != other.audience
    assert filter_of(sns, one) == [one.audience, other.audience]
    sns.confirm()
    subscriptions.leave(one)
    assert filter_of(sns, other) == [other.audience]
    assert subscriptions.standing(one) is Standing.NONE
    assert subscriptions.standing(other) is Standing.CONFIRMED
    subscriptions.leave(other)
    assert not sns.subscriptions


def test_who_unsubscribed_is_asked_again() -> None:
    sns = FakeSns()
    subscriptions = Subscriptions(sns, ARN)
    before = joined(subscriptions, channel())
    sns.unsubscribe(SubscriptionArn=before.subscription)

    assert subscriptions.standing(before) is Standing.NONE
    again = joined(subscriptions, before)
    assert again.subscription != before.subscription
    assert subscriptions.standing(again) is Standing.PENDING


@pytest.mark.parametrize("code", ["FilterPolicyLimitExceeded", "SubscriptionLimitExceeded"])
def test_a_topic_that_is_full_says_so(code: str) -> None:
    sns = FakeSns(refusal=refused(code, "limit"))

    with pytest.raises(AddressRefused, match="no room"):
        Subscriptions(sns, ARN).join(channel())


def test_an_address_that_sns_does_not_take_is_refused_with_its_words() -> None:
    with pytest.raises(AddressRefused, match="Email address"):
        Subscriptions(FakeSns(), ARN).join(channel(address="nobody"))


def test_an_sns_that_is_down_is_to_be_asked_again() -> None:
    sns = FakeSns(refusal=refused("InternalError", "down"))

    with pytest.raises(Unavailable):
        Subscriptions(sns, ARN).join(channel())


def test_leaving_what_is_not_there_does_no_harm() -> None:
    Subscriptions(FakeSns(), ARN).leave(replace(channel(), subscription="arn:gone"))
