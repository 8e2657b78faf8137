//! Keys and user agents are attacker's text: as data it comes back as it was, and nowhere is it more than data.

use serde_json::{Value, json};
use spacewatch_demo::DemoStore;

use super::{answer, ask, post};
use crate::kit::{KEY, Kit, SECRET, kit_with};

const KEYS: [&str; 6] = [
    "<script>alert(1)</script>",
    "=cmd|'/C calc'!A0",
    "a\u{202e}gpj.exe",
    "\u{1b}[2Jcleared",
    "';DROP TABLE requests;--",
    "]]><svg onload=\"x\">",
];

fn encoded(key: &str) -> String {
    // Twice, as S3 writes keys.
    key.bytes().map(|byte| format!("%25{byte:02X}")).collect()
}

async fn hostile() -> Kit {
    let line = |(place, key): (usize, &&str)| {
        format!(
            "owner photos [18/Nov/2026:10:00:0{place} +0000] 192.0.2.{place} someone REQ{place} REST.GET.OBJECT {} \"GET /x HTTP/1.1\" \
             404 <b>No</b> 7 7 1 1 \"-\" \"<img src=x onerror=alert(1)>&\u{7}\" -\n",
            encoded(key)
        )
    };
    let log: String = KEYS.iter().enumerate().map(line).collect();
    let store = DemoStore::empty().with_tenant("first", KEY, SECRET).with_object(
        "their-logs",
        "access/<b>&",
        log.as_str(),
    );
    kit_with(store, |_| {}, |_| {}).await
}

#[tokio::test]
async fn texts_come_back_as_they_were_in_json() {
    let kit = hostile().await;
    let found = answer(&kit, "/tools/search-logs?source_bucket=*&wait=true").await;
    let keys: Vec<_> = found["matches"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["key"].clone())
        .collect();
    let mut expected: Vec<_> = KEYS.iter().map(|key| json!(key)).collect();
    expected.reverse();
    assert_eq!(keys, expected);
    assert_eq!(
        found["matches"][0]["user_agent"],
        "<img src=x onerror=alert(1)>&\u{7}"
    );
    let top = answer(&kit, "/tools/top?by=key&wait=true").await;
    let mut counted: Vec<_> = top["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["value"].clone())
        .collect();
    counted.sort_by_key(Value::to_string);
    expected.sort_by_key(Value::to_string);
    assert_eq!(counted, expected);
    let sql = post(&kit, "/tools/sql")
        .body(json!({ "sql": "SELECT key FROM requests ORDER BY time DESC" }).to_string());
    let rows = sql.send().await.json()["rows"].clone();
    let rows: Vec<_> = rows
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row[0].clone())
        .collect();
    assert_eq!(rows, keys);
    let objects = answer(&kit, "/tools/access-logs?source_bucket=*").await;
    assert_eq!(objects["objects"][0]["key"], "access/<b>&");
}

#[tokio::test]
async fn texts_are_only_text_in_pictures() {
    let kit = hostile().await;
    for name in [
        "top-keys",
        "top-user-agents",
        "top-errors",
        "top-prefixes",
        "requests",
    ] {
        let target =
            format!("/plots/{name}.svg?source_bucket=photos&wait=true&from=2026-11-18&to=2026-11-18");
        let svg = ask(&kit, &target).send().await;
        assert_eq!(
            (svg.status.as_u16(), svg.header("content-type")),
            (200, "image/svg+xml"),
            "{name}"
        );
        let text = svg.text();
        for bad in ["<script", "<img", "<b>", "\u{1b}", "\u{7}", "\u{202e}"] {
            assert!(!text.contains(bad), "{name}: {bad:?} in {text}");
        }
        assert_eq!(text.matches("<svg").count(), 1, "{name}");
        let png = ask(&kit, &target.replace(".svg", ".png")).send().await;
        assert!(png.body.starts_with(b"\x89PNG"), "{name}");
    }
}
