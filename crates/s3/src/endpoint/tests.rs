use expect_test::{Expect, expect};

use super::*;

fn policy(default_endpoint: Option<&str>, allowed: &[&str]) -> EndpointPolicy {
    EndpointPolicy::new(PolicyConfig {
        default_region: "sgp1".parse().expect("a region"),
        default_endpoint: default_endpoint.map(|url| url.parse().expect("a URL")),
        allowed: allowed.iter().map(|url| url.parse().expect("a URL")).collect(),
    })
}

fn shown(chosen: Result<Endpoint, EndpointError>) -> String {
    match chosen {
        Ok(e) => format!(
            "{} {}{}",
            e.url(),
            e.region(),
            if e.is_trusted() { " trusted" } else { "" }
        ),
        Err(error) => format!("error: {error}"),
    }
}

fn check(endpoint: &str, expected: Expect) {
    let policy = policy(None, &["http://10.0.0.5:9000", "https://minio.example"]);
    expected.assert_eq(&shown(policy.choose(Some(endpoint), None)));
}

#[test]
fn providers() {
    check(
        "https://nyc3.digitaloceanspaces.com",
        expect!["https://nyc3.digitaloceanspaces.com nyc3"],
    );
    check(
        "https://NYC3.DigitalOceanSpaces.com/",
        expect!["https://nyc3.digitaloceanspaces.com nyc3"],
    );
    check(
        "nyc3.digitaloceanspaces.com",
        expect!["https://nyc3.digitaloceanspaces.com nyc3"],
    );
    check(
        "https://nyc3.digitaloceanspaces.com:443",
        expect!["https://nyc3.digitaloceanspaces.com nyc3"],
    );
    check(
        "https://s3.eu-central-1.amazonaws.com",
        expect!["https://s3.eu-central-1.amazonaws.com eu-central-1"],
    );
    check(
        "https://s3.amazonaws.com",
        expect!["https://s3.amazonaws.com us-east-1"],
    );
    check(
        "https://s3.us-west-004.backblazeb2.com",
        expect!["https://s3.us-west-004.backblazeb2.com us-west-004"],
    );
    check(
        "https://s3.eu-west-1.wasabisys.com",
        expect!["https://s3.eu-west-1.wasabisys.com eu-west-1"],
    );
    check(
        "https://0af1.r2.cloudflarestorage.com",
        expect!["https://0af1.r2.cloudflarestorage.com auto"],
    );
    check(
        "https://us-east-1.linodeobjects.com",
        expect!["https://us-east-1.linodeobjects.com us-east-1"],
    );
    check(
        "https://s3.fr-par.scw.cloud",
        expect!["https://s3.fr-par.scw.cloud fr-par"],
    );
    check(
        "https://s3.gra.io.cloud.ovh.net",
        expect!["https://s3.gra.io.cloud.ovh.net gra"],
    );
}

#[test]
fn the_operators_own() {
    check(
        "http://10.0.0.5:9000",
        expect!["http://10.0.0.5:9000 sgp1 trusted"],
    );
    check("minio.example", expect!["https://minio.example sgp1 trusted"]);
    check(
        "http://10.0.0.5:9001",
        expect![
            "error: endpoint `http://10.0.0.5:9001` is not allowed: addresses instead of names are only for the operator to allow"
        ],
    );
    check(
        "http://minio.example",
        expect![
            "error: endpoint `http://minio.example` is not allowed: it is not the endpoint of a provider known here"
        ],
    );
}

#[test]
fn lookalikes() {
    let unknown = |url: &str| {
        let found = shown(policy(None, &[]).choose(Some(url), None));
        assert_eq!(
            found,
            format!(
                "error: endpoint `{url}` is not allowed: it is not the endpoint of a provider known here"
            )
        );
    };
    unknown("https://digitaloceanspaces.com");
    unknown("https://a.b.digitaloceanspaces.com");
    unknown("https://nyc3.digitaloceanspaces.com.evil.com");
    unknown("https://nyc3-digitaloceanspaces.com");
    unknown("https://evildigitaloceanspaces.com");
    unknown("https://s3.amazonaws.com.evil.com");
    unknown("https://s3.a.b.amazonaws.com");
    unknown("https://ec2.us-east-1.amazonaws.com");
    unknown("https://-x.digitaloceanspaces.com");
    unknown("https://localhost");
    unknown("https://metadata.google.internal");
}

#[test]
fn addresses_and_schemes() {
    for url in [
        "https://127.0.0.1",
        "https://2130706433",
        "https://0x7f.1",
        "https://[::1]",
        "https://169.254.169.254",
    ] {
        let found = shown(policy(None, &[]).choose(Some(url), None));
        assert!(
            found.ends_with("addresses instead of names are only for the operator to allow"),
            "{found}"
        );
    }
    for url in [
        "http://nyc3.digitaloceanspaces.com",
        "https://nyc3.digitaloceanspaces.com:8443",
    ] {
        let found = shown(policy(None, &[]).choose(Some(url), None));
        assert!(
            found.ends_with("a provider is called over https on port 443 only"),
            "{found}"
        );
    }
}

#[test]
fn malformed() {
    check(
        "https://user:pw@nyc3.digitaloceanspaces.com",
        expect![
            "error: `https://user:pw@nyc3.digitaloceanspaces.com` is no endpoint: it must not hold a user name or password"
        ],
    );
    for path in ["/x", "//", "/%2e", "?a=b", "#x", "\\@evil.com"] {
        let found = shown(
            policy(None, &[]).choose(Some(&format!("https://nyc3.digitaloceanspaces.com{path}")), None),
        );
        assert!(
            found.ends_with("it must not have a path, query or fragment")
                || found.ends_with("user name or password"),
            "{found}"
        );
    }
    check(
        "https://nyc3.digitaloceanspaces.com.",
        expect![
            "error: `https://nyc3.digitaloceanspaces.com.` is no endpoint: the host name has an empty or an internationalised part"
        ],
    );
    check(
        "https://nyc3。digitaloceanspaces.com",
        expect![
            "error: `https://nyc3。digitaloceanspaces.com` is no endpoint: a host name is made of ASCII letters, digits, dashes and dots"
        ],
    );
    check(
        "https://xn--nyc3-abc.digitaloceanspaces.com",
        expect!["error: `https://xn--nyc3-abc.digitaloceanspaces.com` is no endpoint: it doesn't parse"],
    );
    check(
        "ftp://nyc3.digitaloceanspaces.com",
        expect![
            "error: `ftp://nyc3.digitaloceanspaces.com` is no endpoint: only http and https can be called"
        ],
    );
    check(
        "https://%6eyc3.digitaloceanspaces.com",
        expect![
            "error: `https://%6eyc3.digitaloceanspaces.com` is no endpoint: a host name is made of ASCII letters, digits, dashes and dots"
        ],
    );
    check(
        "https://a\r\nHost: x",
        expect![[
            r"error: `https://a\r\nHost: x` is no endpoint: a host name is made of ASCII letters, digits, dashes and dots"
        ]],
    );
}

#[test]
fn region_alone() {
    let check = |default: Option<&str>, region: &str, expected: Expect| {
        expected.assert_eq(&shown(policy(default, &[]).choose(None, Some(region))));
    };
    check(None, "", expect!["https://sgp1.digitaloceanspaces.com sgp1"]);
    check(None, "nyc3", expect!["https://nyc3.digitaloceanspaces.com nyc3"]);
    check(
        None,
        "evil.com/",
        expect!["error: a region is made of letters, digits and inner dashes, not `.`"],
    );
    check(
        Some("https://s3.eu-west-1.amazonaws.com"),
        "us-west-2",
        expect!["https://s3.us-west-2.amazonaws.com us-west-2"],
    );
    check(
        Some("https://sgp1.digitaloceanspaces.com"),
        "sgp1",
        expect!["https://sgp1.digitaloceanspaces.com sgp1 trusted"],
    );
    check(
        Some("http://127.0.0.1:7480"),
        "nyc3",
        expect!["http://127.0.0.1:7480 nyc3 trusted"],
    );
    check(
        Some("https://0af1.r2.cloudflarestorage.com"),
        "weur",
        expect!["https://0af1.r2.cloudflarestorage.com weur trusted"],
    );
}

#[test]
fn both_named() {
    let chosen = policy(None, &[]).choose(Some("https://nyc3.digitaloceanspaces.com"), Some("us-east-1"));
    expect!["https://nyc3.digitaloceanspaces.com us-east-1"].assert_eq(&shown(chosen));
}
