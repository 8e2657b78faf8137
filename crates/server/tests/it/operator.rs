//! Who may see the operator's figures.

use expect_test::expect;
use http::StatusCode;
use spacewatch_model::Secret;

use crate::kit::{Kit, kit, kit_configured};

const ROUTES: [&str; 6] = [
    "/metrics/operations",
    "/logs/operations",
    "/stats",
    "/admin/api/mission-control",
    "/admin/api/timeseries",
    "/admin/api/events",
];

async fn with_key() -> Kit {
    kit_configured(|config| config.api_key = Some(Secret::new("operator-key"))).await
}

#[tokio::test]
async fn the_key_opens_and_nothing_else_does() {
    let kit = with_key().await;
    for route in ROUTES {
        assert_eq!(
            kit.get(route)
                .header("x-api-key", "operator-key")
                .send()
                .await
                .status,
            200
        );
        assert_eq!(
            kit.get(route)
                .header("authorization", "Bearer operator-key")
                .send()
                .await
                .status,
            200
        );
        assert_eq!(
            kit.get(route)
                .header("authorization", "bearer operator-key")
                .send()
                .await
                .status,
            200
        );
        let refused = [
            kit.get(route),
            kit.get(route).header("x-api-key", ""),
            kit.get(route).header("x-api-key", "operator-kez"),
            kit.get(route).header("x-api-key", "operator-key2"),
            kit.get(route).header("x-api-key", "operator-ke"),
            kit.get(route).header("x-api-key", b"\xff\xfe"),
            kit.get(route).header("authorization", "Basic operator-key"),
            kit.get(route).header("authorization", "operator-key"),
            kit.get(&format!("{route}?api_key=operator-key&x-api-key=operator-key")),
            // A wrong key is not made good by a right one elsewhere.
            kit.get(route)
                .header("x-api-key", "wrong")
                .header("authorization", "Bearer operator-key"),
        ];
        for ask in refused {
            let answer = ask.send().await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            assert!(
                answer
                    .problem()
                    .starts_with("401 Unauthorized: the operator's key is ")
            );
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
            assert!(!answer.text().contains("operator-key"));
        }
    }
}

#[tokio::test]
async fn with_a_key_loopback_is_no_excuse() {
    let kit = with_key().await;
    assert_eq!(kit.get("/stats").host("localhost").send().await.status, 401);
}

#[tokio::test]
async fn without_a_key_the_machine_itself_may_look() {
    let kit = kit().await;
    for route in ROUTES {
        assert_eq!(
            kit.get(route).host("localhost:8000").send().await.status,
            200,
            "{route}"
        );
        for sign in [
            "forwarded",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "via",
        ] {
            let answer = kit.get(route).header(sign, "1.1 proxy").send().await;
            expect![
                "401 Unauthorized: no operator's key is configured, and the request came through a proxy"
            ]
            .assert_eq(&answer.problem());
        }
    }
}

#[tokio::test]
async fn without_a_key_an_open_address_shows_nothing() {
    let kit = kit_configured(|config| config.host = [0, 0, 0, 0].into()).await;
    for route in ROUTES {
        let answer = kit.get(route).host("localhost").send().await;
        expect![[
            "401 Unauthorized: no operator's key is configured, and the server listens on an address that is not loopback"
        ]]
        .assert_eq(&answer.problem());
        assert!(
            answer.json()["hint"]
                .as_str()
                .expect("a hint")
                .contains("APP_API_KEY")
        );
    }
}

#[tokio::test]
async fn without_a_key_another_name_shows_nothing() {
    // The operator's own name for the server, behind a proxy that leaves no trace.
    let kit = kit_configured(|config| {
        config.allowed_hosts = vec!["watch.example.com".parse().expect("a host")];
    })
    .await;
    assert_eq!(
        kit.get("/health").host("watch.example.com").send().await.status,
        200
    );
    let answer = kit.get("/stats").host("watch.example.com").send().await;
    expect![
        "401 Unauthorized: no operator's key is configured, and the request's Host is not a loopback name"
    ]
    .assert_eq(&answer.problem());
}

#[tokio::test]
async fn an_empty_key_is_no_key() {
    let kit = kit_configured(|config| {
        config.api_key = Some(Secret::new(""));
        config.host = [0, 0, 0, 0].into();
    })
    .await;
    assert_eq!(kit.get("/stats").header("x-api-key", "").send().await.status, 401);
}

#[tokio::test]
async fn without_a_key_other_origins_pages_see_nothing() {
    let kit = kit_configured(|config| config.cors_origins = vec!["*".parse().expect("an origin")]).await;
    for route in ROUTES {
        for origin in [
            "http://localhost:5173",
            "http://127.0.0.1:8000",
            "http://[::1]:8000",
        ] {
            let answer = kit.get(route).header("origin", origin).send().await;
            assert_eq!(answer.status, StatusCode::OK, "{origin}");
        }
        for origin in [
            "https://evil.example",
            "http://localhost.evil.example",
            "null",
            "\u{e9}",
        ] {
            let answer = kit.get(route).header("origin", origin).send().await;
            expect![[
                r#"401 Unauthorized: no operator's key is configured, and the request comes from a page of another origin"#
            ]]
            .assert_eq(&answer.problem());
        }
    }
}
