//! The line behind a figure.

use serde::{Deserialize, Serialize};
use spacewatch_lake::Patience;
use spacewatch_model::{ErrorCode, ObjectKey, TimeRange};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::logs::{self, LogPlace, RawText};
use crate::{Evidence, Tenant, Tool, ToolError};

/// `raw-line`: one line of a log object, byte for byte, even when the log object is gone.
#[derive(Debug)]
pub struct RawLine;

/// What `raw-line` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RawLineArgs {
    /// The log object's key.
    pub log_object: ObjectKey,
    /// At which byte of it, decompressed, the line begins.
    pub offset: u64,
}

/// A line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RawLineOutput {
    /// Where it stands.
    pub log_object: LogPlace,
    /// The line; bytes that are no UTF-8 are replaced.
    pub raw: String,
    /// The line in Base64, where it is no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_base64: Option<String>,
}

impl Tool for RawLine {
    const NAME: &'static str = "raw-line";
    const OPERATION: OperationType = OperationType::QueryLogs;
    type Args = RawLineArgs;
    type Output = RawLineOutput;

    fn evidence(tenant: &Tenant, _: &Self::Args) -> Vec<Evidence> {
        logs::evidence(tenant)
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let source = logs::log_source(tenant)?;
        let lake = logs::open(tenant).await?;
        lake.freshen(TimeRange::ALWAYS, Patience::Brief, &tenant.progress)
            .await?;
        let row = lake.record_at(args.log_object.as_str(), args.offset).await?;
        let row = row.ok_or_else(|| {
            ToolError::new(ErrorCode::NoSuchKey, "no record stands at that place of that log object")
                .with_hint("take `log_object.key` and `log_object.offset` from a record; `/tools/rejects` has lines that are none")
        })?;
        let raw = RawText::of(&row.line);
        Ok(RawLineOutput {
            log_object: LogPlace {
                bucket: source.bucket,
                key: row.log_object,
                offset: Some(row.log_offset),
                length: Some(row.log_length),
            },
            raw: raw.text,
            raw_base64: raw.base64,
        })
    }
}
