//! How an assistant sees the tools.

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Map, Value};
use spacewatch_model::{BucketName, ErrorCode};

/// The tools of one tenant. Whoever offers it sees to it that a call can reach nothing but what the tenant's keys can.
#[async_trait]
pub trait Toolbox: Send + Sync {
    /// What there is.
    fn tools(&self) -> &[ToolFacts];

    /// Asks one tool. Tools that write are refused here unless a person switched them on.
    async fn call(&self, tool: &str, args: Value) -> Result<Value, ToolFailure>;

    /// The same for somebody who watches: `tell` is called now and then with how far it is, where the toolbox knows.
    async fn call_watched(
        &self,
        tool: &str,
        args: Value,
        _tell: &mut (dyn FnMut(CallProgress) + Send),
    ) -> Result<Value, ToolFailure> {
        self.call(tool, args).await
    }

    /// The address of the page that shows what a call tells, where there are pages.
    fn page(&self, _tool: &str, _args: &Value) -> Option<String> {
        None
    }

    /// When, where and about what is asked.
    fn circumstances(&self) -> Circumstances;
}

/// How far a call is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallProgress {
    /// Objects seen so far.
    pub objects: u64,
    /// Requests sent to the store so far.
    pub requests: u64,
    /// The sum of the sizes of the objects seen so far.
    pub bytes: u64,
}

/// What an assistant is told of a tool.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ToolFacts {
    /// Its name, of letters, digits, `-` and `_`.
    pub name: &'static str,
    /// What it answers.
    pub description: String,
    /// The JSON Schema of its arguments (draft 2020-12), whole in itself.
    pub arguments: Map<String, Value>,
    /// Whether it changes anything.
    pub writes: bool,
    /// The address of the page that shows the same, where there are pages.
    pub page: Option<String>,
}

/// Why a tool gave no result, in words for the person who asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ToolFailure {
    /// What kind of failure it is.
    pub code: ErrorCode,
    /// What happened.
    pub detail: String,
    /// What can be done about it.
    pub hint: Option<String>,
}

/// One question to a tool.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Call {
    /// The tool.
    pub tool: String,
    /// What it is asked.
    pub args: Value,
}

/// When, where and about what is asked.
#[derive(Debug, Clone)]
pub struct Circumstances {
    /// The time.
    pub now: Timestamp,
    /// In which days are meant.
    pub time_zone: TimeZone,
    /// The bucket on the page that is open.
    pub bucket: Option<BucketName>,
    /// The period on the page that is open.
    pub period: Option<(Timestamp, Timestamp)>,
    /// Where access logs are delivered; not what people mean by "the bucket".
    pub log_bucket: Option<BucketName>,
    /// Where snapshots are kept; not what people mean by "the bucket".
    pub metrics_bucket: Option<BucketName>,
}
