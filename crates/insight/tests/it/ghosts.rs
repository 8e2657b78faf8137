//! What is asked for and isn't there.

use serde_json::json;
use spacewatch_demo::DemoStore;
use spacewatch_insight::{Ghosts, Tenant, Tool};

use super::kit::Kit;

/// Minute of 10 February 2026, operation, key, and what came out.
const LINES: [(u32, &str, &str, &str); 9] = [
    (1, "REST.DELETE.OBJECT", "gone.pdf", "204 -"),
    (2, "REST.DELETE.OBJECT", "gone.pdf", "403 AccessDenied"),
    (3, "REST.GET.OBJECT", "gone.pdf", "404 NoSuchKey"),
    (4, "REST.HEAD.OBJECT", "gone.pdf", "404 NoSuchKey"),
    (5, "REST.GET.OBJECT", "never.txt", "404 NoSuchKey"),
    (6, "S3.EXPIRE.OBJECT", "old.log", "- -"),
    (7, "REST.GET.OBJECT", "old.log", "404 NoSuchKey"),
    (7, "REST.GET.OBJECT", "old.log", "404 NoSuchKey"),
    (8, "REST.GET.OBJECT", "there.txt", "200 -"),
];

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_not_there_and_who_deleted_them() {
    let log: String = LINES
        .iter()
        .enumerate()
        .map(|(number, (minute, operation, key, outcome))| {
            let method = operation.split('.').nth(1).expect("a method");
            let (ip, requester, uri) = match operation.starts_with("S3.") {
                true => ("-", "AmazonS3", "-".to_owned()),
                false => ("192.0.2.7", "somebody", format!("\"{method} /photos/{key} HTTP/1.1\"")),
            };
            format!(
                "owner photos [10/Feb/2026:00:{minute:02}:00 +0000] {ip} {requester} REQ{number:04} {operation} {key} {uri} {outcome} - - 2 \
                 1 \"-\" \"agent\" - host SigV4 CIPHER AuthHeader photos.example TLSv1.2 - -\n"
            )
        })
        .collect();
    let kit = Kit::start(DemoStore::empty().with_object("logs", "access/1", log.as_str())).await;
    let tenant = Tenant {
        log_bucket: Some("logs".parse().expect("a name")),
        log_prefix: "access/".parse().expect("a prefix"),
        ..kit.tenant()
    };
    let args = json!({"bucket": "photos", "date_yyyy_mm_dd": "2026-02-10", "wait": true});
    let found = Ghosts::run(&tenant, serde_json::from_value(args).expect("arguments")).await;
    let found = found.expect("an answer");
    let rows: Vec<_> = found
        .rows
        .iter()
        .map(|row| {
            let deleted = row.deleted.as_ref();
            let deleted = deleted.map(|deleted| (deleted.method.as_str(), deleted.ts.to_string()));
            (row.key.as_str(), row.requests, deleted)
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("gone.pdf", 2, Some(("DELETE", "2026-02-10T00:01:00Z".to_owned()))),
            ("old.log", 2, Some(("EXPIRE", "2026-02-10T00:06:00Z".to_owned()))),
            ("never.txt", 1, None),
        ]
    );
    assert_eq!((found.distinct, found.requests, found.truncated), (3, 5, false));
}
