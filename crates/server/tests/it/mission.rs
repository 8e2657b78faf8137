//! Mission control, over HTTP.

use http::StatusCode;
use serde_json::{Value, json};

use crate::kit::{KEY, Kit, SECRET, kit};

async fn report(kit: &Kit, path: &str) -> Value {
    let answer = kit.get(path).send().await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn requests_are_counted_by_route_and_session() {
    let kit = kit().await;
    for number in 0..50 {
        let session = if number % 2 == 0 { "even" } else { "odd" };
        let found = kit
            .get("/tools/buckets")
            .keys(KEY, SECRET)
            .header("x-session-id", session);
        assert_eq!(found.send().await.status, StatusCode::OK);
        let made_up = format!("/nothing/at/{number}");
        assert_eq!(kit.get(&made_up).send().await.status, StatusCode::NOT_FOUND);
        report(&kit, "/admin/api/events").await;
    }
    let found = report(&kit, "/admin/api/mission-control").await;
    let volume = found["top_endpoints"]["by_volume"].as_array().expect("rows");
    let counts: Vec<u64> = volume.iter().filter_map(|row| row["count"].as_u64()).collect();
    // All made-up addresses are one route, and who looks at mission control isn't seen there.
    assert_eq!(counts, [50, 50], "{found}");
    assert!(
        volume.iter().any(|row| row["route"] == "/tools/buckets"),
        "{found}"
    );
    assert_eq!(found["users"]["unique_sessions_30m"], 2);
    assert_eq!(
        (
            &found["now"]["error_4xx_rate_5m"],
            &found["now"]["error_5xx_rate_5m"]
        ),
        (&json!(50.0), &json!(0.0))
    );
    assert_eq!(found["status"], "healthy");
}

#[tokio::test]
async fn series_are_bounded_and_mistakes_are_told() {
    let kit = kit().await;
    kit.get("/tools/buckets").keys(KEY, SECRET).send().await;
    let series = report(&kit, "/admin/api/timeseries?window=30m&resolution=10m").await;
    let lists = [
        "timestamps",
        "requests_per_min",
        "errors_5xx_per_min",
        "p95_latency_ms",
    ];
    assert!(
        lists
            .iter()
            .all(|list| series[list].as_array().is_some_and(|list| list.len() == 3)),
        "{series}"
    );
    let longest = report(&kit, "/admin/api/timeseries?window=9999h&resolution=1s").await;
    assert_eq!(longest["timestamps"].as_array().map(Vec::len), Some(1_440));
    assert_eq!(
        report(&kit, "/admin/api/events?limit=9999999").await,
        json!({ "events": [] })
    );
    let mistaken = kit.get("/admin/api/timeseries?window=long").send().await;
    assert_eq!(
        mistaken.problem(),
        "422 InvalidParameter: `window` is `long`, which is no length of time"
    );
}
