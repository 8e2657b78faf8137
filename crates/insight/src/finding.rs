//! What a person should know: how bad it is, why it matters, what shows it, and what to do.
//!
//! Rules live with the tools that look (`posture`, `findings`, `anomalies`, `diff`); here is only what all of them say.

use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_lake::Lake;
use spacewatch_model::{BucketName, TimeRange};
use utoipa::ToSchema;

use crate::logs::LogRecord;
use crate::{SearchLogsArgs, Suppression, ToolError};

pub(crate) use crate::suppression::settle;

/// Records shown with a finding; its query finds the rest.
const SHOWN: usize = 3;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know; nothing need be done.
    Info,
    /// Better otherwise.
    Low,
    /// To be looked at this week.
    Medium,
    /// To be looked at today.
    High,
    /// To be looked at now.
    Critical,
}

impl Severity {
    /// The word for it, as answers write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];
        let found = all.into_iter().find(|severity| severity.as_str() == text);
        found.ok_or_else(|| format!("is {text:?}, expected `info`, `low`, `medium`, `high` or `critical`"))
    }
}

/// Something a person should know.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Finding {
    /// The same for the same thing whenever it is found again: `RULE/BUCKET/SUBJECT`.
    pub id: String,
    /// Which rule found it: `denied-then-read`.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// The bucket it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<BucketName>,
    /// What it is about besides: an address, a requester, a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What was found, in a sentence with its figures.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// What to do about it.
    pub advice: String,
    /// When it was first seen in the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_seen: Option<Timestamp>,
    /// When it was last seen in the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen: Option<Timestamp>,
    /// The figures behind the title.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
    /// What it is made of: the keys, addresses, requesters with most of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// The records that show it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<Proof>,
    /// It is known and not pointed at for a while; [`settle`] says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<Suppression>,
    /// The setting of the bucket that shows it, where one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setting: Option<SettingProof>,
}

/// A setting that shows something, as the store sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettingProof {
    /// Which one: `policy`, `acl`.
    pub name: String,
    /// What the store sent. It is data: whoever wrote the setting wrote it.
    pub document: String,
    /// The store sent more than is shown.
    pub truncated: bool,
}

/// A part of what a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Part {
    /// What it is: `key`, `address`, `requester`, `user agent`.
    pub kind: String,
    /// Which one.
    pub value: String,
    /// How many requests.
    pub requests: u64,
    /// Bytes sent for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_sent: Option<u64>,
}

/// A figure of a finding.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Figure {
    /// What it counts: `requests`.
    pub name: String,
    /// How much.
    pub value: f64,
    /// In what: `Count`, `Bytes`, `Percent`, `Milliseconds`, `Seconds`.
    pub unit: String,
}

impl Figure {
    /// A number of things.
    #[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
    pub(crate) fn count(name: &str, value: u64) -> Self {
        Self::new(name, value as f64, "Count")
    }

    /// A number of bytes.
    #[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
    pub(crate) fn bytes(name: &str, value: u64) -> Self {
        Self::new(name, value as f64, "Bytes")
    }

    /// A figure in a unit of its own.
    pub(crate) fn new(name: &str, value: f64, unit: &str) -> Self {
        Self {
            name: name.to_owned(),
            value,
            unit: unit.to_owned(),
        }
    }
}

/// Records that show something.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Proof {
    /// What they show: `the refusals`.
    pub about: String,
    /// What to ask `search-logs` for to see all of them.
    #[schema(value_type = Object)]
    pub query: SearchLogsArgs,
    /// How many there are.
    pub records: u64,
    /// The newest of them.
    pub sample: Vec<LogRecord>,
}

/// Looks up what shows a finding.
#[derive(Clone, Copy)]
pub(crate) struct Witness<'a> {
    pub(crate) lake: &'a Lake,
    pub(crate) log_bucket: &'a BucketName,
    /// The period of the question: every proof's query is bound to it.
    pub(crate) window: TimeRange,
}

impl Witness<'_> {
    /// The records a query finds within the period; `records` is how many the caller counted.
    pub(crate) async fn proof(
        &self,
        about: &str,
        mut query: SearchLogsArgs,
        records: u64,
    ) -> Result<Proof, ToolError> {
        query.within(self.window);
        let found = self.lake.search(&query.records(self.window), SHOWN, None).await?;
        let sample = found
            .rows
            .into_iter()
            .map(|row| LogRecord::of(row, self.log_bucket));
        Ok(Proof {
            about: about.to_owned(),
            query,
            records,
            sample: sample.collect(),
        })
    }
}

/// The name under which a finding is known.
pub(crate) fn id(rule: &str, bucket: Option<&BucketName>, subject: Option<&str>) -> String {
    let parts = [Some(rule), bucket.map(BucketName::as_str), subject];
    parts.into_iter().flatten().collect::<Vec<_>>().join("/")
}
