//! Pictures over HTTP.

use crate::kit::{KEY, Kit, SECRET, kit_with, store};

const LINE: &str = "owner photos [10/Feb/2026:01:02:03 +0000] 192.0.2.7 someone REQ1 REST.GET.OBJECT 2026/a.jpg \
                    \"GET /photos/2026/a.jpg HTTP/1.1\" 200 - 5 5 20 10 \"-\" \"agent\" -\n";
const DAY: &str = "source_bucket=photos&date_yyyy_mm_dd=2026-02-10&wait=true";

async fn logged() -> Kit {
    let store = store().with_tenant("logged", "KEYL", "secret-l").with_object(
        "logs",
        "2026-02-10-05-00-00-0123456789ABCDEF",
        LINE,
    );
    kit_with(store, |_| {}, |_| {}).await
}

async fn plot(kit: &Kit, address: &str) -> crate::kit::Answer {
    let ask = kit.ask(http::Method::GET, address).keys("KEYL", "secret-l");
    ask.header("X-Log-Bucket", "logs").send().await
}

#[tokio::test]
async fn draws_what_the_log_says() {
    let kit = logged().await;
    let png = plot(&kit, &format!("/plots/top-ips.png?{DAY}")).await;
    assert_eq!(
        (png.status.as_u16(), png.header("content-type")),
        (200, "image/png")
    );
    assert_eq!(png.header("x-operation-type"), "GENERATE_PLOT");
    assert!(png.body.starts_with(b"\x89PNG"));
    let svg = plot(
        &kit,
        &format!("/plots/top-ips.svg?{DAY}&theme=dark&width=800&height=400"),
    )
    .await;
    assert_eq!(svg.header("content-type"), "image/svg+xml");
    assert!(svg.text().contains("192.0.2.7"), "{}", svg.text());
    assert!(
        svg.text().contains("2026-02-10 00:00 to 2026-02-11 00:00 UTC"),
        "{}",
        svg.text()
    );
    for name in [
        "top-keys",
        "top-prefixes",
        "top-requesters",
        "top-user-agents",
        "top-errors",
        "requests",
        "status-classes",
        "errors",
        "bytes",
        "latency",
        "latency-heatmap",
    ] {
        let svg = plot(&kit, &format!("/plots/{name}.svg?{DAY}")).await;
        assert_eq!(svg.status.as_u16(), 200, "{name}: {}", svg.text());
        assert!(
            svg.text().contains("photos · 2026-02-10 00:00"),
            "{name}: {}",
            svg.text()
        );
    }
    let empty = plot(
        &kit,
        "/plots/top-ips.svg?source_bucket=photos&date_yyyy_mm_dd=2026-02-11&wait=true",
    )
    .await;
    assert!(empty.text().contains("No IP data found"), "{}", empty.text());
}

#[tokio::test]
async fn what_can_t_be_drawn_is_told_why() {
    let kit = logged().await;
    let unknown = plot(&kit, &format!("/plots/cats.png?{DAY}")).await;
    assert_eq!(unknown.problem(), "404 NotFound: there is no plot `cats.png`");
    let unnamed = plot(&kit, "/plots/top-ips.png").await;
    assert_eq!(
        unnamed.problem(),
        "422 MissingParameter: `source_bucket` is missing from the address"
    );
    let tiny = plot(&kit, &format!("/plots/top-ips.png?{DAY}&width=10")).await;
    assert_eq!(tiny.status.as_u16(), 400, "{}", tiny.text());
    let day = plot(
        &kit,
        "/plots/top-ips.png?source_bucket=photos&date_yyyy_mm_dd=yesterday",
    )
    .await;
    assert!(
        day.problem()
            .starts_with("422 InvalidParameter: `date_yyyy_mm_dd`"),
        "{}",
        day.problem()
    );
    let every = plot(&kit, "/plots/requests.png?source_bucket=*").await;
    assert_eq!(every.status.as_u16(), 422, "{}", every.text());
    let stranger = kit
        .ask(http::Method::GET, &format!("/plots/top-ips.png?{DAY}"))
        .keys(KEY, SECRET);
    let stranger = stranger.header("X-Log-Bucket", "logs").send().await;
    assert_eq!(stranger.status.as_u16(), 403, "{}", stranger.text());
}

#[tokio::test]
async fn a_picture_is_drawn_once_a_while_for_one_tenant() {
    let kit = logged().await;
    let address = format!("/plots/top-ips.svg?{DAY}");
    let first = plot(&kit, &address).await;
    let another = "2026-02-10-06-00-00-0123456789ABCDEF";
    kit.store.handle().put_sparse("logs", another, 0, "text/plain");
    let asked = kit.store.requests().total();
    let again = plot(&kit, &address).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(
        kit.store.requests().total(),
        asked,
        "nothing was asked of the store"
    );
    let stranger = kit.ask(http::Method::GET, &address).keys(KEY, SECRET);
    let stranger = stranger.header("X-Log-Bucket", "logs").send().await;
    assert_eq!(stranger.status.as_u16(), 403, "{}", stranger.text());
    kit.clock.advance(std::time::Duration::from_secs(31));
    let later = plot(&kit, &address).await;
    assert_eq!(later.status.as_u16(), 200);
    assert!(kit.store.requests().total() > asked, "it was drawn anew");
}
