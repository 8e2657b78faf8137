//! The log tools over HTTP: their shapes, their figures, and who may see them.

mod access;
mod evidence;
mod findings;
mod fixture;
mod hostile;
mod ingest;
mod limits;
mod objects;
mod search;
mod sql;
mod top;

use http::Method;
use serde_json::Value;

use crate::kit::{Ask, KEY, Kit, SECRET, kit_with};

async fn kit() -> Kit {
    kit_with(fixture::store(), |_| {}, |stores| stores.attempts = 1).await
}

/// A GET of the first tenant that names its log.
fn ask<'a>(kit: &'a Kit, target: &str) -> Ask<'a> {
    named(kit.tool(target))
}

fn named(ask: Ask<'_>) -> Ask<'_> {
    // Without its slash: the prefix gets one.
    ask.header("x-log-bucket", "their-logs")
        .header("x-log-prefix", "access")
}

async fn answer(kit: &Kit, target: &str) -> Value {
    let answer = ask(kit, target).send().await;
    assert_eq!(answer.status, 200, "{target}: {}", answer.text());
    answer.json()
}

/// A POST of the first tenant that names its log.
fn post<'a>(kit: &'a Kit, target: &str) -> Ask<'a> {
    named(kit.ask(Method::POST, target).keys(KEY, SECRET))
}
