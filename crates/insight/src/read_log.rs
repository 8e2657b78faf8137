//! The end of one log object.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use spacewatch_lake::tail_of_object;
use spacewatch_model::{BucketName, ByteSize, ObjectKey};
use spacewatch_telemetry::OperationType;
use utoipa::ToSchema;

use crate::{Evidence, Limit, Tenant, Tool, ToolError, logs};

/// Lines of one answer by default.
const LINES: usize = 200;

/// `read-log`: the last lines of one log object, gzip, zstd or plain, as they stand there.
#[derive(Debug)]
pub struct ReadLog;

/// What `read-log` needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReadLogArgs {
    /// The bucket the object lies in; the log bucket by default.
    #[serde(default)]
    pub bucket: Option<BucketName>,
    /// The object's key.
    pub key: ObjectKey,
    /// How many lines from its end, 200 by default.
    #[serde(default)]
    pub tail_lines: Option<Limit>,
}

/// The end of a log object.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReadLogOutput {
    /// The bucket.
    pub bucket: BucketName,
    /// The object's key.
    pub key: ObjectKey,
    /// How many lines were wished, after clamping.
    pub tail_lines: usize,
    /// How many lines this answer holds.
    pub returned_lines: usize,
    /// The lines, in the order they stand there; bytes that are no UTF-8 are replaced.
    pub log_lines: Vec<String>,
    /// How many lines the object has.
    pub total_lines: u64,
    /// There are lines before these.
    pub truncated: bool,
    /// How to see the others, where there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Why it could not be read to its end, where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// The object's size in bytes.
    pub size_bytes: ByteSize,
    /// When the object was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_modified: Option<Timestamp>,
    /// When it was read.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
}

impl Tool for ReadLog {
    const NAME: &'static str = "read-log";
    const OPERATION: OperationType = OperationType::QueryLogs;
    type Args = ReadLogArgs;
    type Output = ReadLogOutput;

    fn evidence(tenant: &Tenant, args: &Self::Args) -> Vec<Evidence> {
        let bucket = bucket(tenant, args).ok();
        let object = args.key.as_str().parse().ok();
        // The key is a prefix that the object lies under.
        let evidence = bucket
            .zip(object)
            .map(|(bucket, key)| Evidence::Objects(bucket, key));
        evidence.into_iter().collect()
    }

    async fn run(tenant: &Tenant, args: Self::Args) -> Result<Self::Output, ToolError> {
        let as_of = tenant.now();
        let bucket = bucket(tenant, &args)?;
        let tail_lines = Limit::rows(args.tail_lines, LINES, tenant.limits.log_lines);
        let within = (tail_lines, tenant.limits.log_bytes);
        let tail = tail_of_object(&tenant.store, &bucket, &args.key, within).await?;
        let log_lines: Vec<_> = tail
            .lines
            .iter()
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        Ok(ReadLogOutput {
            bucket,
            key: args.key,
            tail_lines,
            returned_lines: log_lines.len(),
            log_lines,
            total_lines: tail.lines_in_object,
            truncated: tail.truncated,
            note: tail.truncated.then(|| {
                let cap = tenant.limits.log_lines;
                format!("these are the last lines; raise `tail_lines` up to {cap}, or ask `/tools/search-logs`, to see others")
            }),
            failure: tail.failure,
            size_bytes: tail.head.size,
            last_modified: tail.head.last_modified,
            as_of,
        })
    }
}

fn bucket(tenant: &Tenant, args: &ReadLogArgs) -> Result<BucketName, ToolError> {
    match &args.bucket {
        Some(bucket) => Ok(bucket.clone()),
        None => Ok(logs::log_source(tenant)?.bucket),
    }
}
