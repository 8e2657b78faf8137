//! Tools with results that are known.

use std::sync::Mutex;

use async_trait::async_trait;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use spacewatch_assistant::{Circumstances, ToolFacts, ToolFailure, Toolbox};
use spacewatch_model::ErrorCode;

/// The tools, and what they were asked.
pub(super) struct Tools {
    facts: Vec<ToolFacts>,
    top: Value,
    asked: Mutex<Vec<(String, Value)>>,
}

fn facts(name: &'static str, required: &[&str], writes: bool) -> ToolFacts {
    let arguments = json!({
        "type": "object",
        "properties": { "bucket": { "type": ["string", "null"] }, "by": { "type": "string", "enum": ["ip", "key"] } },
        "required": required,
        "additionalProperties": false,
    });
    ToolFacts {
        name,
        description: format!("The tool {name}."),
        arguments: arguments.as_object().unwrap().clone(),
        writes,
        page: None,
    }
}

impl Tools {
    pub(super) fn new() -> Self {
        Self::with_top(json!({
            "rows": [{ "value": "203.0.113.7", "requests": 1_234 }, { "value": "198.51.100.2", "requests": 88 }],
            "bytes": 1_299_227_607,
            "coverage": { "complete": true, "as_of": "2026-11-23T12:00:00Z" },
        }))
    }

    pub(super) fn with_top(top: Value) -> Self {
        Self {
            facts: vec![
                facts("buckets", &[], false),
                facts("top", &["by"], false),
                facts("list-all", &["bucket"], false),
                facts("snapshot", &["bucket"], true),
            ],
            top,
            asked: Mutex::default(),
        }
    }

    pub(super) fn asked(&self) -> Vec<(String, Value)> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Toolbox for Tools {
    fn tools(&self) -> &[ToolFacts] {
        &self.facts
    }

    async fn call(&self, tool: &str, args: Value) -> Result<Value, ToolFailure> {
        self.asked.lock().unwrap().push((tool.to_owned(), args));
        match tool {
            "buckets" => Ok(json!({ "bucket_count": 2, "buckets": ["prod-assets", "backups"] })),
            "top" => Ok(self.top.clone()),
            "list-all" => Err(ToolFailure {
                code: ErrorCode::NotFound,
                detail: "there is no such bucket".to_owned(),
                hint: Some("`buckets` lists them".to_owned()),
            }),
            other => panic!("`{other}` was called"),
        }
    }

    fn circumstances(&self) -> Circumstances {
        Circumstances {
            now: "2026-11-23T13:30:00Z".parse().unwrap(),
            time_zone: TimeZone::UTC,
            bucket: None,
            period: None,
            log_bucket: Some("northwind-logs".parse().unwrap()),
            metrics_bucket: None,
        }
    }
}
