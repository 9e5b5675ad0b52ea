import pytest

from skafu.alerts.targets import Target, TargetRefused, check_address, read

HTTPS = Target("https", "hooks.example.com", 443, "/a")


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://hooks.example.com/a", HTTPS),
        ("https://HOOKS.example.com:443/a", HTTPS),
        ("https://hooks.example.com./a", HTTPS),
        ("https://hooks.example.com", Target("https", "hooks.example.com", 443, "/")),
        ("https://h.example:8443/a?b=c&d", Target("https", "h.example", 8443, "/a?b=c&d")),
        ("https://93.184.216.34/", Target("https", "93.184.216.34", 443, "/")),
        ("https://[2606:4700::1111]/", Target("https", "2606:4700::1111", 443, "/")),
        ("https://xn--bcher-kva.example/", Target("https", "xn--bcher-kva.example", 443, "/")),
    ],
)
def test_https_addresses_are_read(url: str, target: Target) -> None:
    assert read(url) == target


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "https:hooks.example.com",
        "https:///a",
        "https://user@hooks.example.com/",
        "https://user:password@hooks.example.com/",
        "https://@hooks.example.com/",
        "https://hooks.example.com/#fragment",
        "https://hooks.example.com/with space",
        "https://hooks.example.com/\n",
        "https://hooks.example.com\\@evil.example/",
        "https://bücher.example/",
        "https://hooks_.example.com:22/",
        "https://hooks.example.com:25/",
        "https://hooks.example.com:80/",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:65536/",
        "https://hooks.example.com:https/",
        "https://-hooks.example.com/",
        "https://hooks..example.com/",
        "https://" + "a" * 64 + ".example/",
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        "https://[nonsense]/",
        "https://[v1.x]/",
        "https://hooks.example.com/" + "x" * 2048,
        # 127.0.0.1, as resolvers of the old school read it:
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.0.1.0x1/",
    ],
)
def test_other_addresses_are_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(TargetRefused) as caught:
        read(url)

    assert len(str(caught.value)) > 10


def test_loopback_may_be_plain_and_on_any_port_where_it_is_allowed() -> None:
    target = read("http://localhost:81/hook", allow_loopback=True)

    assert target == Target("http", "localhost", 81, "/hook")
    assert str(check_address(target, "127.0.0.1", allow_loopback=True)) == "127.0.0.1"
    assert str(check_address(target, "::1", allow_loopback=True)) == "::1"


@pytest.mark.parametrize("address", ["93.184.216.34", "10.0.0.1", "169.254.169.254"])
def test_where_loopback_is_allowed_plain_http_to_others_is_not(address: str) -> None:
    with pytest.raises(TargetRefused):
        check_address(read("http://h.example/", True), address, allow_loopback=True)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",  # metadata of EC2 and most clouds
        "169.254.170.2",  # credentials of ECS tasks
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",  # metadata of another cloud
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",  # Teredo
        "2001:db8::1",
        "2002:7f00:1::1",  # 6to4 of 127.0.0.1
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",  # metadata of EC2
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1111%eth0",
        "ff02::1",
        "not an address",
    ],
)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    with pytest.raises(TargetRefused):
        check_address(HTTPS, address)


@pytest.mark.parametrize(
    ("address", "connected"),
    [
        ("93.184.216.34", "93.184.216.34"),
        ("172.15.255.255", "172.15.255.255"),
        ("172.32.0.1", "172.32.0.1"),
        ("100.128.0.1", "100.128.0.1"),
        ("223.255.255.255", "223.255.255.255"),
        ("2606:4700::1111", "2606:4700::1111"),
        ("::ffff:93.184.216.34", "93.184.216.34"),
    ],
)
def test_public_addresses_are_connected_to(address: str, connected: str) -> None:
    assert str(check_address(HTTPS, address)) == connected


@pytest.mark.parametrize(
    ("target", "authority"),
    [
        (HTTPS, "hooks.example.com"),
        (Target("https", "h.example", 8443, "/"), "h.example:8443"),
        (Target("http", "localhost", 80, "/"), "localhost"),
        (Target("https", "2606:4700::1111", 443, "/"), "[2606:4700::1111]"),
        (Target("https", "2606:4700::1111", 8443, "/"), "[2606:4700::1111]:8443"),
    ],
)
def test_the_host_header_names_a_port_that_is_unusual(target: Target, authority: str) -> None:
    assert target.authority == authority
