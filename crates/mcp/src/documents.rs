//! Documents that a client may read: the guides, and the catalogue of tools.

use rmcp::model::{ErrorData, ReadResourceResult, Resource, ResourceContents};
use serde_json::json;
use spacewatch_assistant::ToolFacts;

const CATALOGUE: &str = "spacewatch://catalogue";

/// A guide: its name, what it tells, its text.
struct Guide(&'static str, &'static str, &'static str);

const GUIDES: [Guide; 9] = [
    Guide(
        "logs",
        "questions to access logs, their filters and what an answer rests on",
        include_str!("../../../docs/logs.md"),
    ),
    Guide(
        "metrics",
        "every metric, its unit and its formula",
        include_str!("../../../docs/metrics.md"),
    ),
    Guide(
        "inventory",
        "what a bucket holds",
        include_str!("../../../docs/inventory.md"),
    ),
    Guide(
        "cost",
        "the bill, and what causes egress",
        include_str!("../../../docs/cost.md"),
    ),
    Guide(
        "growth",
        "forecasts and changes of pace",
        include_str!("../../../docs/growth.md"),
    ),
    Guide(
        "findings",
        "what people should know that only the log tells",
        include_str!("../../../docs/findings.md"),
    ),
    Guide(
        "posture",
        "how buckets are set up, and what is unsafe",
        include_str!("../../../docs/posture.md"),
    ),
    Guide(
        "diff",
        "what changed in a bucket, and who did it",
        include_str!("../../../docs/diff.md"),
    ),
    Guide(
        "leaked-key",
        "what became of a key that leaked",
        include_str!("../../../docs/leaked-key.md"),
    ),
];

fn uri(guide: &Guide) -> String {
    format!("spacewatch://docs/{}", guide.0)
}

pub(crate) fn list() -> Vec<Resource> {
    let mut catalogue = Resource::new(CATALOGUE, "catalogue");
    catalogue.description = Some("every tool with the JSON Schema of its arguments".to_owned());
    catalogue.mime_type = Some("application/json".to_owned());
    let guides = GUIDES.iter().map(|guide| {
        let mut resource = Resource::new(uri(guide), guide.0);
        resource.description = Some(guide.1.to_owned());
        resource.mime_type = Some("text/markdown".to_owned());
        resource.size = u64::try_from(guide.2.len()).ok();
        resource
    });
    [catalogue].into_iter().chain(guides).collect()
}

pub(crate) fn read(wanted: &str, tools: &[&ToolFacts]) -> Result<ReadResourceResult, ErrorData> {
    let (kind, text) = if wanted == CATALOGUE {
        ("application/json", json!({ "tools": tools }).to_string())
    } else {
        let guide = GUIDES.iter().find(|guide| uri(guide) == wanted);
        let guide = guide.ok_or_else(|| ErrorData::resource_not_found("there is no such document", None))?;
        ("text/markdown", guide.2.to_owned())
    };
    let contents = ResourceContents::TextResourceContents {
        uri: wanted.to_owned(),
        mime_type: Some(kind.to_owned()),
        text,
        meta: None,
    };
    Ok(ReadResourceResult::new(vec![contents]))
}
