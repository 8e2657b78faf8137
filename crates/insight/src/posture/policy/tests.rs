use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn check(statements: Value, expected: Expect) {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    expected.assert_eq(&shown(&text));
}

fn shown(text: &str) -> String {
    match read(text, "b") {
        Ok(found) => {
            let conditional = [
                ("claimed", found.claimed),
                ("confined", found.confined),
                ("if", found.conditional),
            ];
            let conditional = conditional.into_iter().filter(|(_, reach)| reach.is_any());
            let conditional: Vec<_> = conditional
                .map(|(word, reach)| format!("; {word}: {}", reach.words()))
                .collect();
            let everyone = match found.everyone.words() {
                words if words.is_empty() => String::new(),
                words => format!(
                    "; everyone: {words}{}",
                    if found.some_objects { " (some)" } else { "" }
                ),
            };
            format!(
                "{} statements, {} unclear{everyone}{}",
                found.statements,
                found.unclear,
                conditional.concat()
            )
        }
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn principals() {
    let to = |principal| json!([{"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject"}]);
    let open = || expect!["1 statements, 0 unclear; everyone: read objects"];
    let closed = || expect!["1 statements, 0 unclear"];
    check(to(json!("*")), open());
    check(to(json!(["a", "*"])), open());
    check(to(json!({"AWS": "*"})), open());
    check(to(json!({"CanonicalUser": "x", "AWS": ["arn:a", "*"]})), open());
    check(to(json!({"AWS": "arn:aws:iam::1:root"})), closed());
    check(to(json!({"Service": ["logs"]})), closed());
    check(to(json!({})), closed());
    let unclear = || expect!["1 statements, 1 unclear"];
    check(to(json!(7)), unclear());
    check(to(json!({"AWS": 7})), unclear());
    check(to(json!({"AWS": [["*"]]})), unclear());
    check(json!([{"Effect": "Allow", "Action": "*"}]), unclear());
    check(
        json!([{"Effect": "Allow", "NotPrincipal": {"AWS": "x"}, "Action": "s3:GetObject"}]),
        open(),
    );
    check(
        json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}),
        open(),
    );
}

#[test]
fn actions() {
    let of = |action| json!([{"Effect": "Allow", "Principal": "*", "Action": action}]);
    check(
        of(json!("*")),
        expect![
            "1 statements, 0 unclear; everyone: read objects, list keys, write or delete objects, change how the bucket is set up"
        ],
    );
    check(
        of(json!("s3:Get*")),
        expect!["1 statements, 0 unclear; everyone: read objects"],
    );
    check(
        of(json!(["S3:putobjec?", "s3:ListBucket"])),
        expect!["1 statements, 0 unclear; everyone: list keys, write or delete objects"],
    );
    check(
        of(json!("s3:*Policy")),
        expect!["1 statements, 0 unclear; everyone: change how the bucket is set up"],
    );
    check(
        json!([{"Effect": "Allow", "Principal": "*", "NotAction": ["s3:Put*", "s3:*Bucket*"]}]),
        expect![
            "1 statements, 0 unclear; everyone: read objects, write or delete objects, change how the bucket is set up"
        ],
    );
    check(of(json!({"a": 1})), expect!["1 statements, 1 unclear"]);
}

#[test]
fn conditions_and_denials() {
    let allow = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:*Object"});
    let mut conditional = allow.clone();
    conditional["Condition"] = json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}});
    check(
        json!([conditional]),
        expect!["1 statements, 0 unclear; confined: read objects, write or delete objects"],
    );
    let mut empty = allow.clone();
    empty["Condition"] = json!({});
    check(
        json!([empty]),
        expect!["1 statements, 0 unclear; everyone: read objects, write or delete objects"],
    );
    let deny = |more: Value| {
        let mut deny = json!({"Effect": "Deny", "Principal": "*", "Action": ["s3:Put*", "s3:Delete*", "s3:R*"],
            "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]});
        deny.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!([allow, deny])
    };
    let weighs = || expect!["2 statements, 0 unclear; everyone: read objects"];
    let doesnt = || expect!["2 statements, 0 unclear; everyone: read objects, write or delete objects"];
    check(deny(json!({})), weighs());
    check(deny(json!({"Resource": "*"})), weighs());
    check(deny(json!({"Resource": "arn:aws:s3:::b/private/*"})), doesnt());
    check(deny(json!({"Resource": "arn:aws:s3:::b/pri*"})), doesnt());
    check(deny(json!({"Principal": {"AWS": "x"}})), doesnt());
    check(
        deny(json!({"Condition": {"Bool": {"aws:SecureTransport": "false"}}})),
        doesnt(),
    );
}

#[expect(clippy::too_many_lines, reason = "a table")]
#[test]
fn what_conditions_are_worth() {
    let open = "1 statements, 0 unclear; everyone: read objects";
    let claimed = "1 statements, 0 unclear; claimed: read objects";
    let confined = "1 statements, 0 unclear; confined: read objects";
    let unknown = "1 statements, 0 unclear; if: read objects";
    let unclear = "1 statements, 1 unclear";
    for (condition, expected) in [
        (json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}), confined),
        (
            json!({"IpAddress": {"AWS:sourceip": ["192.0.2.7", "2001:db8::/32"]}}),
            confined,
        ),
        (
            json!({"IpAddress": {"aws:SourceIp": ["192.0.2.7", "0.0.0.0/0"]}}),
            open,
        ),
        (json!({"IpAddress": {"aws:SourceIp": ["::/0"]}}), open),
        (json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/7"}}), open),
        (json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), confined),
        (json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/33"}}), open),
        (json!({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}), open),
        (
            json!({"IpAddressIfExists": {"aws:SourceIp": "192.0.2.0/24"}}),
            unknown,
        ),
        (json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}}), confined),
        (
            json!({"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}),
            unknown,
        ),
        (
            json!({"ForAllValues:StringEquals": {"aws:SourceVpce": "vpce-1"}}),
            unknown,
        ),
        (json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}), unknown),
        (json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), confined),
        (json!({"StringLike": {"aws:PrincipalOrgID": "*"}}), unknown),
        (json!({"StringEquals": {"aws:PrincipalOrgID": []}}), unknown),
        (
            json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::1:role/a"}}),
            confined,
        ),
        (
            json!({"StringLike": {"aws:Referer": "https://a.example/*"}}),
            claimed,
        ),
        (json!({"StringEquals": {"aws:UserAgent": "key"}}), claimed),
        (json!({"Bool": {"aws:SecureTransport": "true"}}), open),
        (json!({"Bool": {"aws:SecureTransport": true}}), open),
        (
            json!({"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}),
            unknown,
        ),
        // All have to hold: the best counts.
        (
            json!({"StringLike": {"aws:Referer": "x"}, "IpAddress": {"aws:SourceIp": "192.0.2.7"}}),
            confined,
        ),
        (
            json!({"StringLike": {"aws:Referer": "x"}, "Bool": {"aws:SecureTransport": "true"}}),
            claimed,
        ),
        (json!({}), open),
        (json!(7), unclear),
        (json!({"Bool": 7}), unclear),
    ] {
        let statement =
            json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Condition": condition}]);
        assert_eq!(
            shown(&json!({"Statement": statement}).to_string()),
            expected,
            "{condition}"
        );
    }
}

#[test]
fn what_resources_are_reached() {
    let all = "1 statements, 0 unclear; everyone: read objects, list keys, write or delete objects, change how the bucket is set up";
    let objects = "1 statements, 0 unclear; everyone: read objects, write or delete objects, change how the bucket is set up";
    let some = "1 statements, 0 unclear; everyone: read objects, write or delete objects, change how the bucket is set up (some)";
    let bucket = "1 statements, 0 unclear; everyone: list keys, change how the bucket is set up (some)";
    let none = "1 statements, 0 unclear";
    for (resource, expected) in [
        (json!("*"), all),
        (json!("arn:aws:s3:::*"), all),
        (json!("arn:aws:s3:::b*"), all),
        (json!(["arn:aws:s3:::b", "arn:aws:s3:::b/*"]), all),
        (json!(["b", "b/*"]), all),
        (json!("arn:aws:s3::tenant:b/*"), objects),
        (json!("arn:aws:s3:::b/**"), objects),
        (json!("arn:aws:s3:::?/*"), objects),
        (json!("arn:aws:s3:::b/public/*"), some),
        (json!("arn:aws:s3:::*.jpg"), some),
        (json!("arn:aws:s3:::b/one"), some),
        (json!("arn:aws:s3:::b"), bucket),
        (json!("arn:aws:s3:::b/"), none),
        (json!("arn:aws:s3:::other/*"), none),
        (json!("arn:aws:s3:::bb"), none),
        (json!([]), none),
        (json!(7), "1 statements, 1 unclear"),
    ] {
        let statement =
            json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": resource}]);
        assert_eq!(
            shown(&json!({"Statement": statement}).to_string()),
            expected,
            "{resource}"
        );
    }
}

#[test]
fn hostile_texts() {
    for (text, error) in [
        ("", NoPolicy::NotJson),
        ("{", NoPolicy::NotJson),
        ("[]", NoPolicy::NoStatements),
        ("{}", NoPolicy::NoStatements),
        (r#"{"Statement": "*"}"#, NoPolicy::NoStatements),
        (r#"{"Statement": null}"#, NoPolicy::NoStatements),
    ] {
        assert_eq!(read(text, "b"), Err(error), "{text}");
    }
    let deep = format!(
        "{{\"Statement\":{}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(read(&deep, "b"), Err(NoPolicy::NotJson));
    let long = format!("{{\"Statement\":[{}]}}", "1,".repeat(200_000));
    assert_eq!(read(&long, "b"), Err(NoPolicy::TooLong));
    check(
        json!([1, null, [], {}, {"Effect": "allow", "Principal": "*", "Action": "*"}]),
        expect!["5 statements, 5 unclear"],
    );
    // Patterns that would take other matchers for ever.
    let stars = "*a".repeat(60_000);
    check(
        json!([{"Effect": "Allow", "Principal": "*", "Action": stars}]),
        expect!["1 statements, 0 unclear"],
    );
}

/// The same by trying everything that a star may stand for.
fn slowly(pattern: &[u8], action: &[u8]) -> bool {
    match (pattern.split_first(), action.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=action.len()).any(|at| slowly(rest, &action[at..])),
        (Some((wanted, rest)), Some((byte, more))) => {
            (*wanted == b'?' || wanted.eq_ignore_ascii_case(byte)) && slowly(rest, more)
        }
        _ => false,
    }
}

proptest! {
    #[test]
    fn patterns(pattern in "[ab*?]{0,8}", action in "[abA]{0,8}") {
        prop_assert_eq!(matches(&pattern, &action), slowly(pattern.as_bytes(), action.as_bytes()));
    }

    #[test]
    fn nothing_breaks_it(text in r#"[\[\]{}":,*a-zA-Z0-9 ]{0,200}"#) {
        let _ = read(&text, "b");
    }
}
