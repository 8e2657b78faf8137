//! The pages and their files.

use spacewatch_server::{DemoAccess, DemoTenant};

use crate::kit::{kit, kit_configured};

const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[tokio::test]
async fn pages_are_strict() {
    let kit = kit().await;
    for (page, operation) in [
        ("/", "CONFIG_PAGE"),
        ("/dashboard", "PAGE_LOAD"),
        ("/admin", "PAGE_LOAD"),
        ("/docs", "PAGE_LOAD"),
    ] {
        let answer = kit.get(page).send().await;
        assert_eq!(answer.status, 200, "{page}");
        assert_eq!(answer.header("content-security-policy"), PAGE_POLICY);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("x-operation-type"), operation);
        assert_eq!(answer.header("x-frame-options"), "DENY");
        let html = answer.text();
        // Nothing inline, nothing foreign: the policy would forbid it, and the page would be broken.
        assert!(
            !html.contains("<style") && !html.contains(" style=") && !html.contains("onload="),
            "{page}"
        );
        assert!(
            !html.contains("src=\"http") && !html.contains("href=\"http"),
            "{page}"
        );
        assert!(
            html.split("<script")
                .skip(1)
                .all(|script| script.contains("src=\"/")),
            "{page}"
        );
    }
}

#[tokio::test]
async fn files_are_found_cached_and_compressed() {
    let kit = kit().await;
    let html = kit.get("/").send().await.text();
    let start = html.find("/assets/").expect("a file of the page");
    let path: String = html
        .get(start..)
        .expect("text")
        .chars()
        .take_while(|c| *c != '"')
        .collect();
    let plain = kit.get(&path).send().await;
    assert_eq!(plain.status, 200);
    assert_eq!(
        plain.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(plain.header("x-operation-type"), "STATIC_ASSET");
    let again = kit
        .get(&path)
        .header("if-none-match", plain.header("etag"))
        .send()
        .await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    let script = html
        .split("src=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a script");
    let small = kit
        .get(script)
        .header("accept-encoding", "br, gzip;q=0.8")
        .send()
        .await;
    assert_eq!(small.header("content-encoding"), "gzip");
    let large = kit.get(script).header("accept-encoding", "gzip;q=0").send().await;
    assert_eq!(large.header("content-encoding"), "");
    assert!(small.body.len() < large.body.len());
    assert_eq!(small.header("vary"), "accept-encoding");
}

#[tokio::test]
async fn no_other_file_can_be_reached() {
    let kit = kit().await;
    for path in [
        "/assets/../index.html",
        "/assets/%2e%2e/index.html",
        "/assets/..%2f..%2fCargo.toml",
        "/assets//etc/passwd",
        "/assets/",
        "/docs/../../Cargo.toml",
        "/docs/index.html",
        "/index.html",
    ] {
        let answer = kit.get(path).send().await;
        assert_eq!(answer.status, 404, "{path}");
        answer.problem();
    }
}

#[tokio::test]
async fn the_demo_gives_its_keys_away_and_nobody_else_does() {
    assert_eq!(kit().await.get("/demo/access").send().await.status, 404);
    let kit = kit_configured(|config| {
        config.demo = Some(DemoAccess {
            tenants: vec![DemoTenant {
                name: "shop".to_owned(),
                description: "A web shop".to_owned(),
                access_key_id: "DEMO".to_owned(),
                secret_access_key: "demo-secret".to_owned(),
                region: "sgp1".to_owned(),
                endpoint: "http://127.0.0.1:9000".to_owned(),
                log_bucket: None,
                log_prefix: None,
                metrics_bucket: None,
            }],
        });
    })
    .await;
    let access = kit.get("/demo/access").send().await.json();
    assert_eq!(access["tenants"][0]["secret_access_key"], "demo-secret");
    assert_eq!(kit.get("/health").send().await.json()["demo"], true);
}

#[tokio::test]
async fn a_path_that_is_no_text_is_nothing_there() {
    let kit = kit().await;
    for path in ["/assets/%ff", "/docs/%ff", "/work/%ff", "/%ff"] {
        let problem = kit.tool(path).send().await.problem();
        assert!(problem.starts_with("404 NotFound: "), "{path}: {problem}");
    }
}
