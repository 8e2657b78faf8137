//! Which addresses are the open Internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks of the IPv4 space that are somebody's own or nobody's: address and length of the prefix.
const SPECIAL_V4: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// Whether an address is globally routable unicast: not private, not this host, not a tunnel's.
pub(crate) fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_global_v4(address),
        IpAddr::V6(address) => is_global_v6(address),
    }
}

fn is_global_v4(address: Ipv4Addr) -> bool {
    let bits = u32::from(address);
    !SPECIAL_V4
        .iter()
        .any(|&(network, length)| (bits ^ u32::from_be_bytes(network)).leading_zeros() >= length)
}

fn is_global_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    // NAT64: how a network with IPv6 alone reaches an IPv4 store, so it is as good as what it embeds.
    if [a, b, c, d, e, f] == [0x64, 0xff9b, 0, 0, 0, 0] {
        return is_global_v4(Ipv4Addr::from((u32::from(g) << 16) | u32::from(h)));
    }
    // Only 2000::/3 is given out. That leaves out loopback, mapped, compatible, unique-local,
    // link-local, multicast and the local NAT64 prefix.
    let given_out = a & 0xe000 == 0x2000;
    // 2001::/23 is protocols (Teredo among them), 2002::/16 is 6to4: both can lead to any IPv4 address.
    let protocols = a == 0x2001 && b < 0x200;
    let six_to_four = a == 0x2002;
    let documentation = (a == 0x2001 && b == 0xdb8) || (a == 0x3fff && b < 0x1000);
    given_out && !protocols && !six_to_four && !documentation
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(addresses: &[&str], expected: bool) {
        for address in addresses {
            assert_eq!(
                is_global(address.parse().expect("an address")),
                expected,
                "{address}"
            );
        }
    }

    #[test]
    fn the_open_internet() {
        check(
            &[
                "1.1.1.1",
                "100.63.255.255",
                "100.128.0.1",
                "172.32.0.1",
                "198.20.0.1",
                "223.255.255.255",
            ],
            true,
        );
        check(
            &["2606:4700::1", "2a03:b0c0::1", "64:ff9b::808:808", "2001:200::1"],
            true,
        );
    }

    #[test]
    fn somebodys_own() {
        check(
            &[
                "0.0.0.0",
                "0.1.2.3",
                "10.0.0.1",
                "100.64.0.1",
                "100.127.255.255",
                "127.0.0.1",
            ],
            false,
        );
        check(
            &[
                "127.255.0.1",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
            ],
            false,
        );
        check(
            &[
                "192.0.0.8",
                "192.0.2.1",
                "192.88.99.1",
                "198.18.0.1",
                "198.19.255.255",
            ],
            false,
        );
        check(
            &[
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "239.1.1.1",
                "240.0.0.1",
                "255.255.255.255",
            ],
            false,
        );
    }

    #[test]
    fn six_that_lead_elsewhere() {
        check(
            &[
                "::",
                "::1",
                "::127.0.0.1",
                "::8.8.8.8",
                "::ffff:127.0.0.1",
                "::ffff:8.8.8.8",
            ],
            false,
        );
        check(
            &[
                "fe80::1",
                "fc00::1",
                "fd00:ec2::254",
                "ff02::1",
                "2001:db8::1",
                "3fff::1",
                "5f00::1",
            ],
            false,
        );
        check(
            &[
                "2002:7f00:1::",
                "2002:808:808::",
                "2001:0:7f00:1::",
                "100::1",
                "fec0::1",
            ],
            false,
        );
        check(
            &["64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808"],
            false,
        );
    }
}
