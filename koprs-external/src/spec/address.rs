//! Which hosts are on the public internet: what a declaration of a tenant may ask.
//!
//! Addresses go by the IANA registries of special-purpose addresses (RFC 6890, RFC 8190): what is not globally
//! reachable there is not public. Of IPv6, only what is allocated for it (2000::/3) is. Added are addresses that
//! look public, and behind which clouds keep what is not.

// Not `std`, whose `net` has sockets as well.
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Blocks of IPv4 that are not public, with the lengths of their prefixes.
const NOT_PUBLIC_V4: [(Ipv4Addr, u32); 17] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),        // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),       // private (RFC 1918)
    (Ipv4Addr::new(100, 64, 0, 0), 10),    // shared (RFC 6598); Alibaba's metadata
    (Ipv4Addr::new(127, 0, 0, 0), 8),      // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16),   // link-local (RFC 3927); the metadata of most clouds
    (Ipv4Addr::new(172, 16, 0, 0), 12),    // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),     // protocol assignments (RFC 6890); Oracle's metadata
    (Ipv4Addr::new(192, 0, 2, 0), 24),     // documentation (RFC 5737)
    (Ipv4Addr::new(192, 88, 99, 0), 24),   // relays of 6to4 (RFC 7526)
    (Ipv4Addr::new(192, 168, 0, 0), 16),   // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),    // benchmarks (RFC 2544)
    (Ipv4Addr::new(198, 51, 100, 0), 24),  // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),   // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),      // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),      // reserved (RFC 1112); broadcast
    (Ipv4Addr::new(34, 118, 224, 0), 20),  // the services of GKE, its API server among them
    (Ipv4Addr::new(168, 63, 129, 16), 32), // the host of a machine in Azure
];

/// What is allocated for the internet, and the blocks of it that are not public.
const PUBLIC_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
const NOT_PUBLIC_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments; Teredo
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation (RFC 3849)
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4, whatever it embeds
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation (RFC 9637)
];
/// IPv4 behind a translator (RFC 6052): how a cluster without IPv4 sees it.
const NAT64: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// The metadata of most clouds.
const METADATA: [u8; 4] = [169, 254, 169, 254];

/// The ends of names that are never public.
const NOT_PUBLIC_NAMES: [&str; 31] = [
    // Never delegated, or without hosts: the special-use names (RFC 6761, 6762, 7686, 9476), the reverse zones and
    // `home.arpa` below `arpa`, and what ICANN keeps for private networks.
    "alt",
    "arpa",
    "corp",
    "home",
    "internal",
    "invalid",
    "local",
    "localhost",
    "mail",
    "onion",
    "test",
    // In use on private networks (RFC 6762 appendix G), by routers among others.
    "domain",
    "fritz.box",
    "intranet",
    "lan",
    "localdomain",
    "localnet",
    "private",
    "vpn",
    "workgroup",
    // Kubernetes: what is short for a service, in the namespace `default` too, which every cluster has.
    "cluster",
    "default",
    "svc",
    // Containers, service discovery and overlay networks.
    "consul",
    "docker",
    "incus",
    "lxd",
    "mesh",
    "nomad",
    "tailnet",
    "ts.net",
];

/// The longest name, and the longest label of it (RFC 1035 §2.3.4).
const LONGEST_NAME: usize = 253;
const LONGEST_LABEL: usize = 63;

/// The ports that an untrusted declaration may ask beside those from 1024 on.
const WEB_PORTS: [u16; 2] = [80, 443];

/// Whether an address is on the public internet.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.iter().any(|block| within_v4(address, *block)),
        IpAddr::V6(address) if within_v6(address, NAT64) => is_public(embedded(address).into()),
        IpAddr::V6(address) => {
            within_v6(address, PUBLIC_V6)
                && !NOT_PUBLIC_V6.iter().any(|block| within_v6(address, *block))
                && (!is_isatap(address) || is_public(embedded(address).into()))
                && !has_metadata(address)
        }
    }
}

/// Whether a name may be that of a host on the public internet. One of a single label is none: it is a host
/// nearby. Nor is one with an empty label, as `127.0.0.1..`, or one whose last label is no top-level domain, which has
/// letters alone (RFC 3696 §2) unless it is encoded.
fn is_public_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let below = |end: &str| name.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'));
    let Some((parents, top)) = name.rsplit_once('.') else { return false };
    let is_top = top.len() > 1 && top.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_label = |label: &str| (1..=LONGEST_LABEL).contains(&label.len());
    (is_top || top.starts_with("xn--"))
        && name.len() <= LONGEST_NAME
        && parents.split('.').chain([top]).all(is_label)
        && !NOT_PUBLIC_NAMES.iter().any(|end| name == *end || below(end))
}

/// Whether an untrusted declaration may ask the port of a URL. Below 1024 are the services of machines, which a scan
/// looks for.
pub(crate) fn is_open_port(url: &Url, allowed: &[u16]) -> bool {
    let port = url.port_or_known_default();
    port.is_some_and(|port| port >= 1024 || WEB_PORTS.contains(&port) || allowed.contains(&port))
}

/// Whether a URL names a host that may be on the public internet: what its name leads to is seen later.
pub(crate) fn is_public_url(url: &Url, is_public: fn(IpAddr) -> bool) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_public_name(name),
        Some(Host::Ipv4(address)) => is_public(address.into()),
        Some(Host::Ipv6(address)) => is_public(address.into()),
        None => false,
    }
}

fn within_v4(address: Ipv4Addr, (block, length): (Ipv4Addr, u32)) -> bool {
    (address.to_bits() ^ block.to_bits()).leading_zeros() >= length
}

fn within_v6(address: Ipv6Addr, (block, length): (Ipv6Addr, u32)) -> bool {
    (address.to_bits() ^ block.to_bits()).leading_zeros() >= length
}

/// The last 32 bits.
fn embedded(address: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = address.octets();
    Ipv4Addr::new(a, b, c, d)
}

/// Whether it stands for the IPv4 in it on the network of a site (RFC 5214 §6.1), whatever its prefix.
fn is_isatap(address: Ipv6Addr) -> bool {
    let [.., of_ieee, marked, _, _] = address.segments();
    matches!((of_ieee, marked), (0 | 0x200, 0x5efe))
}

/// Whether the address of metadata is in it where a translator of the network would find it: behind a prefix of any
/// length, around the octet that stays empty (RFC 6052 §2.2).
fn has_metadata(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h, _, rest @ ..] = address.octets();
    let [i, j, k, l, m, n, o] = rest;
    let octets = [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o];
    octets.windows(METADATA.len()).any(|part| part == METADATA)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first and the last address of each block, and those beside it, which are public.
    const V4: [(&str, &str, bool); 19] = [
        ("0.0.0.0", "0.255.255.255", false),
        ("1.0.0.0", "9.255.255.255", true),
        ("10.0.0.0", "10.255.255.255", false),
        ("11.0.0.0", "34.118.223.255", true),
        ("34.118.224.0", "34.118.239.255", false),
        ("34.118.240.0", "100.63.255.255", true),
        ("100.64.0.0", "100.127.255.255", false),
        ("100.128.0.0", "126.255.255.255", true),
        ("127.0.0.0", "127.255.255.255", false),
        ("128.0.0.0", "168.63.129.15", true),
        ("168.63.129.17", "169.253.255.255", true),
        ("169.254.0.0", "169.254.255.255", false),
        ("169.255.0.0", "172.15.255.255", true),
        ("172.16.0.0", "172.31.255.255", false),
        ("172.32.0.0", "191.255.255.255", true),
        ("192.168.0.0", "192.168.255.255", false),
        ("198.18.0.0", "198.19.255.255", false),
        ("203.0.114.0", "223.255.255.255", true),
        ("224.0.0.0", "255.255.255.255", false),
    ];

    #[test]
    fn a_block_begins_and_ends_where_its_registry_says() {
        for (first, last, public) in V4 {
            for address in [first, last] {
                assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
            }
        }
    }

    #[test]
    fn what_is_not_on_the_public_internet_is_not_public() {
        let not_public = [
            ("this host", "0.0.0.0"),
            ("loopback", "127.0.0.1"),
            ("protocol assignments", "192.0.0.8"),
            ("documentation", "192.0.2.1"),
            ("documentation", "198.51.100.1"),
            ("documentation", "203.0.113.255"),
            ("a relay of 6to4", "192.88.99.1"),
            ("multicast", "239.255.255.250"),
            ("reserved", "240.0.0.1"),
            ("broadcast", "255.255.255.255"),
            ("metadata of AWS, Azure, Google", "169.254.169.254"),
            ("credentials of ECS", "169.254.170.2"),
            ("credentials of EKS", "169.254.170.23"),
            ("metadata of Alibaba", "100.100.100.200"),
            ("metadata of Oracle", "192.0.0.192"),
            ("the host in Azure", "168.63.129.16"),
            ("the API server in GKE", "34.118.224.1"),
            ("unspecified", "::"),
            ("loopback", "::1"),
            ("compatible", "::127.0.0.1"),
            ("compatible", "::8.8.8.8"),
            ("mapped", "::ffff:127.0.0.1"),
            ("mapped", "::ffff:8.8.8.8"),
            ("translated", "::ffff:0:127.0.0.1"),
            ("NAT64 of loopback", "64:ff9b::7f00:1"),
            ("NAT64 of metadata", "64:ff9b::169.254.169.254"),
            ("NAT64 of a private network", "64:ff9b::10.0.0.1"),
            ("local NAT64", "64:ff9b:1::8.8.8.8"),
            ("near NAT64", "64:ff9b:0:0:0:1:808:808"),
            ("discard", "100::1"),
            ("Teredo", "2001::1"),
            ("benchmarks", "2001:2::1"),
            ("ORCHID", "2001:20::1"),
            ("documentation", "2001:db8::1"),
            ("documentation", "3fff::1"),
            ("6to4 of loopback", "2002:7f00:1::1"),
            ("6to4 of what is public", "2002:808:808::1"),
            ("ISATAP of a private network", "2606:4700::5efe:10.0.0.1"),
            ("ISATAP of a private network", "2606:4700:0:0:200:5efe:192.168.0.1"),
            ("ISATAP of loopback", "2a00:1450:4001:1:0:5efe:127.0.0.1"),
            ("metadata behind a prefix of 96 bits", "2606:4700:0:0:1:2:169.254.169.254"),
            ("metadata behind a prefix of 64 bits", "2606:4700:1:2:a9:fea9:fe00:0"),
            ("metadata behind a prefix of 56 bits", "2606:4700:1:2a9:fe:a9fe::"),
            ("metadata behind a prefix of 48 bits", "2606:4700:1:a9fe:a9:fe00::"),
            ("metadata behind a prefix of 40 bits", "2606:4700:1a9:fea9:fe::"),
            ("metadata behind a prefix of 32 bits", "2606:4700:a9fe:a9fe::"),
            ("segment routing", "5f00::1"),
            ("private", "fc00::1"),
            ("metadata of AWS", "fd00:ec2::254"),
            ("metadata of Google", "fd20:ce::254"),
            ("link-local", "fe80::1"),
            ("link-local", "febf::1"),
            ("site-local", "fec0::1"),
            ("multicast", "ff02::1"),
            ("not allocated", "4000::1"),
        ];
        for (what, address) in not_public {
            assert!(!is_public(address.parse().unwrap()), "{what}: {address}");
        }
    }

    #[test]
    fn what_is_on_the_public_internet_is_public() {
        let public = [
            "1.1.1.1",
            "8.8.8.8",
            "93.184.215.14",
            "192.0.1.255",
            "192.31.196.1",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700:4700::1111",
            "2a00:1450:4001::1",
            "3ffe:ffff::1",
            "64:ff9b::8.8.8.8",
            "2606:4700::5efe:8.8.8.8",
            "2606:4700::1:5efe:10.0.0.1",
            "2606:4700::10.0.0.1",
            "2606:4700::169.254.169.253",
        ];
        for address in public {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn a_name_of_a_private_network_is_not_public() {
        let cases = [
            ("api.example.com", true),
            ("API.example.com.", true),
            ("local.example.com", true),
            ("mylocal.example", true),
            ("notlocalhost.example", true),
            ("a.internal.example.com", true),
            ("home.arpa.example.com", true),
            ("1.0.0.127.in-addr.arpa", false),
            ("8.b.d.0.1.0.0.2.ip6.arpa", false),
            ("127.0.0.1..", false),
            ("127.0.0.1...", false),
            ("api.example.com..", false),
            ("api..example.com", false),
            (".example.com", false),
            ("a.1", false),
            ("a.0x7f", false),
            ("a.b1", false),
            ("a.b", false),
            ("api.team-a", false),
            ("kubernetes.default", false),
            ("kubernetes.default.svc", false),
            ("dns.kube-system", false),
            ("api.cluster", false),
            ("api.team1", false),
            ("web.docker", false),
            ("host.docker.internal", false),
            ("gateway.docker.internal", false),
            ("vault.service.consul", false),
            ("api.service.nomad", false),
            ("machine.tail1234.ts.net", false),
            ("ts.net", false),
            ("facts.net", true),
            ("hidden.onion", false),
            ("a.alt", false),
            ("a.invalid", false),
            ("fritz.box", false),
            ("api.box", true),
            ("api.xn--p1ai", true),
            ("_a.example.com", true),
            ("default.example.com", true),
            ("net", false),
            ("localhost", false),
            ("LocalHost.", false),
            ("localhost..", false),
            ("a.localhost", false),
            ("localhost.localdomain", false),
            ("printer.local", false),
            ("api.shop.svc", false),
            ("api.shop.svc.cluster.local", false),
            ("kubernetes", false),
            ("metadata", false),
            ("metadata.google.internal", false),
            ("METADATA.GOOGLE.INTERNAL.", false),
            ("ip-10-0-0-1.ec2.internal", false),
            ("router.home.arpa", false),
            ("home.arpa", false),
            ("wiki.intranet", false),
            ("git.corp", false),
            ("nas.home", false),
            ("nas.lan", false),
            ("db.private", false),
            ("shop.test", false),
            ("corp.example.com", true),
            ("", false),
            (".", false),
        ];
        for (name, public) in cases {
            assert_eq!(is_public_name(name), public, "{name}");
        }
    }

    #[test]
    fn a_name_that_is_too_long_is_none() {
        let label = |length: usize| "a".repeat(length);
        assert!(is_public_name(&format!("{}.example.com", label(63))));
        assert!(!is_public_name(&format!("{}.example.com", label(64))));
        let name = |length: usize| [label(63), label(63), label(63), label(length)].join(".");
        assert!(is_public_name(&format!("{}.com", name(57))));
        assert!(!is_public_name(&format!("{}.com", name(58))));
    }

    #[test]
    fn the_ports_of_the_web_and_those_that_need_no_privilege_are_open() {
        let cases = [
            ("http://h/", true),
            ("https://h/", true),
            ("https://h:80/", true),
            ("http://h:443/", true),
            ("http://h:1024/", true),
            ("http://h:65535/", true),
            ("http://h:0/", false),
            ("http://h:22/", false),
            ("http://h:79/", false),
            ("http://h:81/", false),
            ("http://h:444/", false),
            ("http://h:1023/", false),
        ];
        for (url, is_open) in cases {
            let url = Url::parse(url).unwrap();
            assert_eq!(is_open_port(&url, &[]), is_open, "{url}");
            assert!(is_open_port(&url, &[0, 22, 79, 81, 444, 1023]), "{url}");
        }
    }

    #[test]
    fn an_address_is_known_however_it_is_spelt() {
        let cases = [
            ("http://0x7f.1/", false),
            ("http://0177.1/", false),
            ("http://2130706433/", false),
            ("http://127.1/", false),
            ("http://127.0.0.1./", false),
            ("http://127.0.0.1../", false),
            ("http://kubernetes.default/", false),
            ("http://0/", false),
            ("http://%31%32%37.0.0.1/", false),
            ("http://①②⑦.0.0.1/", false),
            ("http://[::ffff:127.0.0.1]/", false),
            ("http://[::ffff:7f00:1]/", false),
            ("http://[0:0:0:0:0:0:0:1]/", false),
            ("http://localhost./", false),
            ("http://LOCALHOST/", false),
            ("http://ｌocalhost/", false),
            ("http://u:p@localhost/", false),
            ("http://api.example.com@localhost/", false),
            ("http://0x08.0x08.010.8/", true),
            ("http://localhost@api.example.com/", true),
            ("file:///etc/passwd", false),
        ];
        for (url, public) in cases {
            assert_eq!(is_public_url(&Url::parse(url).unwrap(), is_public), public, "{url}");
        }
    }
}
