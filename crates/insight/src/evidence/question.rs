//! Which records a bundle shall hold.

use serde::Serialize;
use serde_json::Value;
use spacewatch_evidence::Question;
use spacewatch_lake::RecordFilter;
use spacewatch_model::{BucketName, TimeRange};

use super::finding::{self, FindingEvidenceArgs, Shown};
use crate::{
    LeakedKey, LeakedKeyArgs, ObjectAudit, ObjectAuditArgs, SearchLogs, SearchLogsArgs, Tenant, Tool,
    ToolError,
};

/// A question whose records are wanted, with the arguments of its tool.
#[derive(Debug, Clone)]
pub enum EvidenceOf {
    /// Records that fit.
    SearchLogs(Box<SearchLogsArgs>),
    /// Everything that happened to an object.
    ObjectAudit(Box<ObjectAuditArgs>),
    /// Everything that a requester, or a presigned link, did since a day.
    LeakedKey(Box<LeakedKeyArgs>),
    /// What shows a finding.
    Finding(Box<FindingEvidenceArgs>),
}

/// What of an argument says nothing about which records are meant.
const OF_THE_ANSWER: [&str; 4] = ["limit", "limit_matches", "next", "wait"];

/// A question, and where its answer stands.
pub(super) struct Asking {
    pub(super) question: Question,
    /// Its records; absent where a setting alone shows a finding.
    pub(super) in_log: Option<InLog>,
    pub(super) shown: Option<Shown>,
}

/// Records, as the lake is asked for them.
pub(super) struct InLog {
    pub(super) source_bucket: Option<BucketName>,
    pub(super) window: TimeRange,
    pub(super) wait: bool,
    pub(super) filters: Vec<RecordFilter>,
}

impl Asking {
    pub(super) async fn of(tenant: &Tenant, of: EvidenceOf) -> Result<Self, ToolError> {
        let now = tenant.now();
        let (filter, wait, question) = match of {
            EvidenceOf::SearchLogs(args) => {
                let window = args.window(now)?;
                (args.records(window), args.wait, question(SearchLogs::NAME, &args))
            }
            EvidenceOf::ObjectAudit(args) => {
                let window = args.window(now)?;
                (
                    args.records(window),
                    args.wait,
                    question(ObjectAudit::NAME, &args),
                )
            }
            EvidenceOf::LeakedKey(args) => {
                let window = args.window(now)?;
                (args.records(window)?, args.wait, question(LeakedKey::NAME, &args))
            }
            EvidenceOf::Finding(args) => return finding::look_up(tenant, *args).await,
        };
        Ok(Self {
            in_log: Some(InLog {
                source_bucket: filter.bucket.clone(),
                window: filter.period,
                wait,
                filters: vec![filter],
            }),
            question,
            shown: None,
        })
    }
}

/// A question as a bundle tells it: with it, the same records are found again.
pub(super) fn question(tool: &str, args: &impl Serialize) -> Question {
    let mut arguments = serde_json::to_value(args).unwrap_or_default();
    if let Some(arguments) = arguments.as_object_mut() {
        arguments.retain(|name, value| !OF_THE_ANSWER.contains(&name.as_str()) && *value != Value::Null);
    }
    Question {
        tool: tool.to_owned(),
        arguments,
    }
}
