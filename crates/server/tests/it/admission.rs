//! Who is let in, and what is refused at the door.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use expect_test::{Expect, expect};
use http::{Method, StatusCode};
use spacewatch_server::RateLimit;

use crate::kit::{Kit, kit, kit_configured};

async fn check(kit: &Kit, target: &str, expected: Expect) {
    expected.assert_eq(&kit.get(target).send().await.problem());
}

#[tokio::test]
async fn unknown_addresses_and_methods() {
    let kit = kit().await;
    check(
        &kit,
        "/nothing/here",
        expect!["404 NotFound: there is nothing at `/nothing/here`"],
    )
    .await;
    check(
        &kit,
        "/tools/../../etc/passwd",
        expect!["404 NotFound: there is nothing at `/tools/../../etc/passwd`"],
    )
    .await;
    check(
        &kit,
        "/%00%1b[31m",
        expect!["404 NotFound: there is nothing at `/%00%1b[31m`"],
    )
    .await;
    let answer = kit.ask(Method::DELETE, "/health").send().await;
    expect!["405 MethodNotAllowed: `DELETE` can't be used here"].assert_eq(&answer.problem());
    assert!(answer.header("allow").contains("GET"), "{:?}", answer.headers);
    let answer = kit.get("/validate-credentials").send().await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.header("x-operation-type"), "LIST_BUCKETS");
    assert_eq!(
        kit.ask(Method::OPTIONS, "/health").send().await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
    let strange = Method::from_bytes(b"BREW").expect("a method");
    assert_eq!(
        kit.ask(strange, "/health").send().await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
    assert_eq!(
        kit.ask(Method::HEAD, "/health").send().await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn request_ids_come_back_if_well_formed() {
    let kit = kit().await;
    let answer = kit
        .get("/health")
        .header("x-request-id", "Order_17.a-b")
        .send()
        .await;
    assert_eq!(answer.header("x-request-id"), "Order_17.a-b");
    let answer = kit
        .get("/nothing")
        .header("x-request-id", "a b\"<script>")
        .send()
        .await;
    assert!(answer.header("x-request-id").starts_with("req-"));
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let answer = kit.get("/livez").header("traceparent", trace).send().await;
    assert_eq!(
        answer.header("x-request-id"),
        "req-0af7651916cd43dd8448eb211c80319c"
    );
    assert!(
        answer
            .header("traceparent")
            .starts_with("00-0af7651916cd43dd8448eb211c80319c-")
    );
    let answer = kit.get("/livez").header("traceparent", "00-zz").send().await;
    assert_eq!(answer.header("traceparent"), "");
}

#[tokio::test]
async fn sizes_are_bounded() {
    let kit = kit().await;
    let answer = kit
        .get(&format!("/tools/buckets?x={}", "y".repeat(20_000)))
        .send()
        .await;
    assert_eq!(answer.status, StatusCode::URI_TOO_LONG);
    answer.problem();
    let answer = kit
        .get("/health")
        .header("x-filler", "y".repeat(40_000))
        .send()
        .await;
    assert_eq!(answer.status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    answer.problem();
    let many = (0..150).fold(kit.get("/health"), |ask, n| ask.header(&format!("x-{n}"), "1"));
    assert_eq!(
        many.send().await.status,
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
    );
}

#[tokio::test]
async fn announced_bodies_are_refused_unread() {
    let kit = kit().await;
    let untouchable = Body::from_stream(futures::stream::poll_fn(
        |_| -> std::task::Poll<Option<Result<Vec<u8>, Infallible>>> { panic!("the body was read") },
    ));
    let answer = kit
        .ask(Method::POST, "/validate-credentials")
        .header("content-length", "104857600")
        .header("expect", "100-continue")
        .body(untouchable)
        .send()
        .await;
    expect!["413 PayloadTooLarge: the body is larger than 1048576 bytes"].assert_eq(&answer.problem());
}

#[tokio::test]
async fn endless_bodies_are_cut_off() {
    let kit = kit().await;
    let endless = Body::from_stream(futures::stream::repeat_with(|| {
        Ok::<_, Infallible>(vec![b'x'; 64 * 1024])
    }));
    let answer = kit
        .ask(Method::POST, "/validate-credentials")
        .keys("KEYA", "secret-a")
        .body(endless)
        .send()
        .await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    answer.problem();
}

#[tokio::test]
async fn bodies_that_never_come_are_not_waited_for() {
    let kit = kit_configured(|config| config.bounds.body_read_timeout = Duration::from_millis(20)).await;
    let silent = Body::from_stream(futures::stream::pending::<Result<Vec<u8>, Infallible>>());
    let answer = kit
        .ask(Method::POST, "/validate-credentials")
        .keys("KEYA", "secret-a")
        .body(silent)
        .send()
        .await;
    expect!["408 RequestTimeout: the body didn't arrive within 0.02 s"].assert_eq(&answer.problem());
}

#[tokio::test]
async fn each_client_has_a_rate() {
    let kit = kit_configured(|config| {
        config.rate = RateLimit {
            per_second: 0.001,
            burst: 3,
        }
    })
    .await;
    for _ in 0..3 {
        assert_eq!(
            kit.get("/tools/buckets").from("192.0.2.1").send().await.status,
            422
        );
    }
    let refused = kit.get("/tools/buckets").from("192.0.2.1").send().await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    refused.problem();
    assert!(refused.header("retry-after").parse::<u64>().expect("seconds") > 0);
    // Another client isn't touched, forging a header doesn't help, pages and health are exempt.
    assert_eq!(
        kit.get("/tools/buckets").from("192.0.2.2").send().await.status,
        422
    );
    let forged = kit
        .get("/tools/buckets")
        .from("192.0.2.1")
        .header("x-forwarded-for", "198.51.100.7");
    assert_eq!(forged.send().await.status, 429);
    for exempt in [
        "/health",
        "/livez",
        "/readyz",
        "/",
        "/dashboard",
        "/docs",
        "/openapi.json",
    ] {
        assert_eq!(
            kit.get(exempt).from("192.0.2.1").send().await.status,
            200,
            "{exempt}"
        );
    }
    assert_eq!(
        kit.get("/no/such/route").from("192.0.2.1").send().await.status,
        429
    );
}

#[tokio::test]
async fn an_ipv6_customer_is_one_client() {
    let kit = kit_configured(|config| {
        config.rate = RateLimit {
            per_second: 0.001,
            burst: 2,
        }
    })
    .await;
    assert_eq!(
        kit.get("/tools/buckets").from("2001:db8::1").send().await.status,
        422
    );
    assert_eq!(
        kit.get("/tools/buckets").from("2001:db8::2").send().await.status,
        422
    );
    assert_eq!(
        kit.get("/tools/buckets").from("2001:db8::3").send().await.status,
        429
    );
    assert_eq!(
        kit.get("/tools/buckets")
            .from("2001:db8:0:1::1")
            .send()
            .await
            .status,
        422
    );
}

#[tokio::test]
async fn forwarded_addresses_count_behind_a_trusted_proxy() {
    let kit = kit_configured(|config| {
        config.rate = RateLimit {
            per_second: 0.001,
            burst: 1,
        };
        config.trusted_proxies = vec!["10.0.0.0/8".parse().expect("a network")];
    })
    .await;
    let through = |forwarded: &'static str| {
        kit.get("/tools/buckets")
            .from("10.0.0.1")
            .header("x-forwarded-for", forwarded)
    };
    assert_eq!(through("198.51.100.1").send().await.status, 422);
    assert_eq!(through("198.51.100.2").send().await.status, 422);
    assert_eq!(through("198.51.100.1").send().await.status, 429);
    // What the client wrote itself stands further left, and doesn't count.
    assert_eq!(through("203.0.113.50, 198.51.100.1").send().await.status, 429);
}

#[tokio::test]
async fn on_loopback_only_loopback_names_are_answered() {
    let kit = kit().await;
    for host in [
        "localhost",
        "localhost:8000",
        "127.0.0.1:9",
        "[::1]:8000",
        "app.localhost",
        "LOCALHOST",
    ] {
        assert_eq!(kit.get("/health").host(host).send().await.status, 200, "{host}");
    }
    for host in [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:8000",
        "10.0.0.1",
        "x@localhost",
    ] {
        let answer = kit.get("/health").host(host).send().await;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host}");
        answer.problem();
    }
    assert_eq!(kit.get("/tools/buckets").without("host").send().await.status, 421);
    let twice = kit.get("/health").header("host", "evil.example").send().await;
    assert_eq!(twice.status, 421);
    // Probes name whatever they like, and learn nothing.
    assert_eq!(kit.get("/livez").host("10.1.2.3:8000").send().await.status, 200);
}

#[tokio::test]
async fn allowed_hosts_are_the_only_ones_elsewhere() {
    let open = kit_configured(|config| config.host = [0, 0, 0, 0].into()).await;
    assert_eq!(
        open.get("/health").host("anything.example").send().await.status,
        200
    );
    let named = kit_configured(|config| {
        config.host = [0, 0, 0, 0].into();
        config.allowed_hosts = vec!["watch.example.com".parse().expect("a host")];
    })
    .await;
    assert_eq!(
        named
            .get("/health")
            .host("watch.example.com:443")
            .send()
            .await
            .status,
        200
    );
    assert_eq!(named.get("/health").host("localhost").send().await.status, 421);
    assert_eq!(named.get("/health").host("evil.example").send().await.status, 421);
}

#[tokio::test]
async fn other_origins_are_closed_out_by_default() {
    let kit = kit().await;
    let answer = kit
        .get("/health")
        .header("origin", "https://evil.example")
        .send()
        .await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
    let preflight = kit
        .ask(Method::OPTIONS, "/tools/buckets")
        .header("origin", "https://evil.example")
        .header("access-control-request-method", "GET")
        .send()
        .await;
    assert_eq!(preflight.header("access-control-allow-origin"), "");
    assert_eq!(preflight.header("access-control-allow-headers"), "");
}

#[tokio::test]
async fn named_origins_may_ask() {
    let kit = kit_configured(|config| {
        config.cors_origins = vec!["https://app.example.com".parse().expect("an origin")];
    })
    .await;
    let preflight = |origin: &'static str| {
        kit.ask(Method::OPTIONS, "/tools/buckets")
            .header("origin", origin)
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "x-spaces-key")
    };
    let answer = preflight("https://app.example.com").send().await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://app.example.com"
    );
    assert!(
        answer
            .header("access-control-allow-headers")
            .contains("x-spaces-secret")
    );
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    assert_eq!(
        preflight("https://app.example.com.evil")
            .send()
            .await
            .header("access-control-allow-origin"),
        ""
    );
    // Problems can be read too, and caches keep origins apart.
    let problem = kit
        .get("/tools/buckets")
        .header("origin", "https://app.example.com")
        .send()
        .await;
    assert_eq!(
        problem.header("access-control-allow-origin"),
        "https://app.example.com"
    );
    assert!(
        problem
            .header("access-control-expose-headers")
            .contains("x-request-id")
    );
    assert_eq!(problem.header("vary"), "origin");
    assert_eq!(kit.get("/health").send().await.header("vary"), "origin");
}

#[tokio::test]
async fn the_rule_for_any_origin_never_allows_cookies() {
    let kit = kit_configured(|config| config.cors_origins = vec!["*".parse().expect("an origin")]).await;
    let answer = kit
        .get("/health")
        .header("origin", "https://any.example")
        .send()
        .await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
}
