//! A tenant sees what its own credentials can read now, and nothing else.

use std::time::Duration;

use expect_test::{Expect, expect};
use http::StatusCode;
use spacewatch_demo::{Fault, Grant, Operation};

use crate::kit::{Ask, KEY, SECRET, kit, kit_with, store};

async fn check(ask: Ask<'_>, expected: Expect) {
    expected.assert_eq(&ask.send().await.problem());
}

#[tokio::test]
async fn headers_that_are_missing_or_malformed() {
    let kit = kit().await;
    let get = || kit.get("/tools/buckets");
    check(
        get(),
        expect!["422 MissingHeader: the header `X-Spaces-Key` is missing"],
    )
    .await;
    check(
        get().header("x-spaces-key", KEY),
        expect!["422 MissingHeader: the header `X-Spaces-Secret` is missing"],
    )
    .await;
    check(
        get().keys("", ""),
        expect!["422 MissingHeader: the header `X-Spaces-Key` is missing"],
    )
    .await;
    check(
        get().keys(" ", "\t"),
        expect!["422 MissingHeader: the header `X-Spaces-Key` is missing"],
    )
    .await;
    check(
        get().keys(KEY, SECRET).keys("KEYB", "secret-b"),
        expect![["422 InvalidParameter: the header `X-Spaces-Key` is given more than once"]],
    )
    .await;
    check(get().keys(&"K".repeat(300), SECRET), expect!["422 InvalidParameter: `X-Spaces-Key` and `X-Spaces-Secret` can't be keys: the access key id is 300 bytes long, the limit is 256"]).await;
    let odd = get()
        .header("x-spaces-key", b"\xff\xfe")
        .header("x-spaces-secret", "s");
    check(
        odd,
        expect!["422 InvalidParameter: the header `X-Spaces-Key` is not UTF-8"],
    )
    .await;
    check(get().keys("schlüssel", SECRET), expect!["422 InvalidParameter: `X-Spaces-Key` and `X-Spaces-Secret` can't be keys: the access key id holds a character other than printable ASCII"]).await;
    let with = |name: &str, value: &str| get().keys(KEY, SECRET).header(name, value);
    check(with("x-region", "not a region!"), expect!["422 InvalidParameter: the header `X-Region` can't be used: a region is made of letters, digits and inner dashes, not ` `"]).await;
    check(with("x-endpoint", "::::"), expect!["422 InvalidParameter: the header `X-Endpoint` can't be used: `::::` is no endpoint: it doesn't parse"]).await;
    check(with("x-log-bucket", "../etc"), expect!["422 InvalidParameter: the header `X-Log-Bucket` holds `/` where only letters, digits, `-`, `.` and `_` may stand"]).await;
    check(
        with("x-metrics-bucket", &"b".repeat(64)),
        expect!["422 InvalidParameter: the header `X-Metrics-Bucket` is 64 bytes long, the limit is 63"],
    )
    .await;
    check(
        with("x-log-prefix", &"p".repeat(1025)),
        expect!["422 InvalidParameter: the header `X-Log-Prefix` is 1025 bytes long, the limit is 1024"],
    )
    .await;
    check(
        with("x-session-id", &"s".repeat(129)),
        expect!["422 InvalidParameter: the header `X-Session-Id` is longer than 128 characters"],
    )
    .await;
}

#[tokio::test]
async fn requests_cannot_be_sent_anywhere_else() {
    let kit = kit().await;
    for endpoint in [
        "http://169.254.169.254/",
        "http://127.0.0.1:1",
        "http://localhost:6379",
        "https://evil.example",
        "https://nyc3.digitaloceanspaces.com.evil.example",
        "https://evil.example/nyc3.digitaloceanspaces.com",
        "https://user@nyc3.digitaloceanspaces.com",
        "https://nyc3.digitaloceanspaces.com:8443",
        "http://nyc3.digitaloceanspaces.com",
        "https://[::1]",
        "https://0x7f.1",
        "file:///etc/passwd",
        "gopher://127.0.0.1",
    ] {
        let answer = kit
            .tool("/tools/buckets")
            .header("x-endpoint", endpoint)
            .send()
            .await;
        assert!(
            matches!(answer.status.as_u16(), 400 | 422),
            "{endpoint}: {}",
            answer.text()
        );
        assert!(answer.problem().contains("`X-Endpoint`"), "{endpoint}");
    }
    assert_eq!(kit.store.requests().total(), 0);
}

#[tokio::test]
async fn a_key_id_without_its_secret_opens_nothing() {
    let kit = kit().await;
    let own = kit.tool("/tools/buckets").send().await;
    assert_eq!(own.json()["buckets"], serde_json::json!(["nothing", "photos"]));
    // The list is remembered now, under key and secret together.
    for secret in ["secret-b", "secret-", "secret-aa", "SECRET-A", "x"] {
        for route in [
            "/tools/buckets",
            "/tools/list-all?bucket=photos",
            "/tools/browse?bucket=photos",
        ] {
            let answer = kit.get(route).keys(KEY, secret).send().await;
            assert_eq!(
                answer.status,
                StatusCode::UNAUTHORIZED,
                "{route}: {}",
                answer.text()
            );
            assert!(
                answer.problem().starts_with("401 SignatureDoesNotMatch"),
                "{}",
                answer.problem()
            );
            assert!(!answer.text().contains("photos/") && !answer.text().contains(secret));
        }
    }
    let unknown = kit.get("/tools/buckets").keys("KEYX", SECRET).send().await;
    assert!(
        unknown.problem().starts_with("401 InvalidAccessKeyId"),
        "{}",
        unknown.problem()
    );
    // And the rightful owner is not locked out by the attempts.
    assert_eq!(kit.tool("/tools/buckets").send().await.status, 200);
}

#[tokio::test]
async fn tenants_do_not_see_each_other() {
    let kit = kit().await;
    let second = kit.get("/tools/buckets").keys("KEYB", "secret-b").send().await;
    assert_eq!(second.json()["buckets"], serde_json::json!(["private"]));
    assert_eq!(
        kit.tool("/tools/buckets").send().await.json()["buckets"],
        serde_json::json!(["nothing", "photos"])
    );
    let foreign = kit.tool("/tools/list-all?bucket=private").send().await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    assert!(!foreign.text().contains("plan.txt"));
}

#[tokio::test]
async fn a_missing_bucket_is_told_from_a_forbidden_one() {
    let kit = kit().await;
    let missing = kit
        .tool("/tools/storage-summary?bucket=no-such-bucket")
        .send()
        .await;
    assert!(
        missing.problem().starts_with("404 NoSuchBucket: "),
        "{}",
        missing.problem()
    );
    let forbidden = kit.tool("/tools/storage-summary?bucket=private").send().await;
    assert!(
        forbidden.problem().starts_with("403 AccessDenied: "),
        "{}",
        forbidden.problem()
    );
}

#[tokio::test]
async fn limited_keys_work_with_named_and_fallback_buckets() {
    let store = || store().with_limited_key("LIMITED", "secret-l", &[("private", Grant::Read)]);
    let kit = kit_with(store(), |_| {}, |_| {}).await;
    let ask = || {
        kit.ask(http::Method::POST, "/validate-credentials")
            .keys("LIMITED", "secret-l")
    };
    let bare = ask().send().await.json();
    assert_eq!((&bare["valid"], &bare["bucket_count"]), (&true.into(), &0.into()));
    let named = ask().header("x-log-bucket", "private").send().await.json();
    assert_eq!(named["buckets"], serde_json::json!(["private"]));
    let fallback = |config: &mut spacewatch_server::Config| {
        config.fallback_buckets = vec![
            "photos".parse().expect("a name"),
            "private".parse().expect("a name"),
        ];
    };
    let kit = kit_with(store(), fallback, |_| {}).await;
    let found = kit
        .get("/tools/buckets")
        .keys("LIMITED", "secret-l")
        .send()
        .await
        .json();
    assert_eq!(found["buckets"], serde_json::json!(["private"]));
    assert_eq!(
        kit.get("/health").send().await.json()["fallback_buckets_enabled"],
        true
    );
}

#[tokio::test]
async fn what_is_remembered_lasts_as_long_as_the_lease() {
    let kit = kit_with(store(), |_| {}, |stores| stores.attempts = 1).await;
    assert_eq!(kit.tool("/tools/buckets").send().await.status, 200);
    assert_eq!(kit.tool("/tools/buckets").send().await.status, 200);
    assert_eq!(kit.store.requests().of(Operation::ListBuckets), 1);
    assert_eq!(
        kit.get("/health").send().await.json()["bucket_cache_credentials_count"],
        1
    );
    // After a minute the store is asked again whether these keys are still good.
    kit.clock.advance(Duration::from_secs(61));
    kit.store
        .faults()
        .add(Fault::new(spacewatch_demo::Effect::InternalError).on(Operation::ListBuckets));
    let answer = kit.tool("/tools/buckets").send().await;
    assert!(answer.status.is_server_error(), "{}", answer.text());
}

#[tokio::test]
async fn secrets_are_in_no_answer() {
    let kit = kit().await;
    let secret = "an-unmistakable-secret";
    for target in [
        "/tools/buckets",
        "/tools/list-all",
        "/tools/list-all?bucket=photos",
        "/nothing",
        "/work/abc",
    ] {
        let answer = kit.get(target).keys("KEYX", secret).send().await;
        assert!(!answer.text().contains(secret), "{target}");
        assert!(
            answer
                .headers
                .values()
                .all(|value| !value.as_bytes().windows(5).any(|part| part == b"unmis"))
        );
    }
    let log = kit.get("/logs/operations?limit=1000").send().await.text();
    assert!(!log.contains(secret) && !log.contains(SECRET));
}
