//! Where buckets are heading, over HTTP.

use bytes::Bytes;
use expect_test::expect;
use serde_json::json;
use spacewatch_demo::DemoStore;
use spacewatch_model::{Clock, Timestamp};

use crate::kit::{KEY, SECRET, kit_with};

#[tokio::test]
async fn growth_of_a_bucket() {
    let store = DemoStore::empty()
        .with_tenant("first", KEY, SECRET)
        .with_bucket("photos")
        .with_bucket("their-metrics");
    let kit = kit_with(store, |_| {}, |_| {}).await;
    let none = kit.tool("/tools/growth?bucket=photos").send().await;
    expect!["400 MissingBucket: no bucket for snapshots is named"].assert_eq(&none.problem());
    let wrong = kit.tool("/tools/growth?metric=weight").send().await;
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    let handle = kit.store.handle();
    let now = kit.clock.now().as_second();
    for day in 0..40_i64 {
        let time = Timestamp::from_second(now - day * 86_400).expect("a time");
        let key = time
            .strftime("spacewatch-metrics/dt=%Y-%m-%d/hour=%H/metrics.jsonl")
            .to_string();
        let line = json!({"ts": time.to_string(), "source_bucket": "photos", "source_bytes": (100 - day) * 1_000_000, "source_objects": 7});
        assert!(handle.put_bytes("their-metrics", &key, Bytes::from(line.to_string())));
    }
    let ask = |target: &str| kit.tool(target).header("x-metrics-bucket", "their-metrics");
    let told = ask("/tools/growth?bucket=photos&reach=110MB").send().await;
    assert_eq!(told.status, 200, "{}", told.text());
    let told = told.json();
    assert_eq!(told["buckets"][0]["now"], 100_000_000);
    assert_eq!(told["buckets"][0]["grown"][1]["change"], 7_000_000);
    assert_eq!(told["reaches"]["outcome"], "expected");
    assert_eq!(told["forecast"]["confidence_percent"], 80);
    let csv = ask("/tools/growth?bucket=photos&list=history")
        .header("accept", "text/csv")
        .send()
        .await
        .text();
    assert!(csv.starts_with("ts,value"), "{csv}");
}
