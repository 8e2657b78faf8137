use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn check(statements: Value, expected: Expect) {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    expected.assert_eq(&shown(&text));
}

fn shown(text: &str) -> String {
    match read(text) {
        Ok(found) => format!(
            "{} statements, {} unclear; everyone: {}; if: {}",
            found.statements,
            found.unclear,
            found.everyone.words(),
            found.conditional.words()
        ),
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn principals() {
    let to = |principal| json!([{"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject"}]);
    let open = || expect!["1 statements, 0 unclear; everyone: read objects; if: "];
    let closed = || expect!["1 statements, 0 unclear; everyone: ; if: "];
    check(to(json!("*")), open());
    check(to(json!(["a", "*"])), open());
    check(to(json!({"AWS": "*"})), open());
    check(to(json!({"CanonicalUser": "x", "AWS": ["arn:a", "*"]})), open());
    check(to(json!({"AWS": "arn:aws:iam::1:root"})), closed());
    check(to(json!({"Service": ["logs"]})), closed());
    check(to(json!({})), closed());
    let unclear = || expect!["1 statements, 1 unclear; everyone: ; if: "];
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
            "1 statements, 0 unclear; everyone: read objects, list keys, write or delete objects, change how the bucket is set up; if: "
        ],
    );
    check(
        of(json!("s3:Get*")),
        expect!["1 statements, 0 unclear; everyone: read objects; if: "],
    );
    check(
        of(json!(["S3:putobjec?", "s3:ListBucket"])),
        expect!["1 statements, 0 unclear; everyone: list keys, write or delete objects; if: "],
    );
    check(
        of(json!("s3:*Policy")),
        expect!["1 statements, 0 unclear; everyone: change how the bucket is set up; if: "],
    );
    check(
        json!([{"Effect": "Allow", "Principal": "*", "NotAction": ["s3:Put*", "s3:*Bucket*"]}]),
        expect![
            "1 statements, 0 unclear; everyone: read objects, write or delete objects, change how the bucket is set up; if: "
        ],
    );
    check(
        of(json!({"a": 1})),
        expect!["1 statements, 1 unclear; everyone: ; if: "],
    );
}

#[test]
fn conditions_and_denials() {
    let allow = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:*Object"});
    let mut conditional = allow.clone();
    conditional["Condition"] = json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}});
    check(
        json!([conditional]),
        expect!["1 statements, 0 unclear; everyone: ; if: read objects, write or delete objects"],
    );
    let mut empty = allow.clone();
    empty["Condition"] = json!({});
    check(
        json!([empty]),
        expect!["1 statements, 0 unclear; everyone: read objects, write or delete objects; if: "],
    );
    let deny = |more: Value| {
        let mut deny = json!({"Effect": "Deny", "Principal": "*", "Action": ["s3:Put*", "s3:Delete*", "s3:R*"],
            "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]});
        deny.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!([allow, deny])
    };
    let weighs = || expect!["2 statements, 0 unclear; everyone: read objects; if: "];
    let doesnt = || expect!["2 statements, 0 unclear; everyone: read objects, write or delete objects; if: "];
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
        assert_eq!(read(text), Err(error), "{text}");
    }
    let deep = format!(
        "{{\"Statement\":{}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(read(&deep), Err(NoPolicy::NotJson));
    let long = format!("{{\"Statement\":[{}]}}", "1,".repeat(200_000));
    assert_eq!(read(&long), Err(NoPolicy::TooLong));
    check(
        json!([1, null, [], {}, {"Effect": "allow", "Principal": "*", "Action": "*"}]),
        expect!["5 statements, 5 unclear; everyone: ; if: "],
    );
    // Patterns that would take other matchers for ever.
    let stars = "*a".repeat(60_000);
    check(
        json!([{"Effect": "Allow", "Principal": "*", "Action": stars}]),
        expect!["1 statements, 0 unclear; everyone: ; if: "],
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
        let _ = read(&text);
    }
}
