//! Records as evidence: a bundle that can be checked again, and the check.

mod objects;
mod question;
mod verify;

use serde::{Deserialize, Serialize};
use spacewatch_evidence::{BundleWriter, Facts, Full, MAX_RECORDS, NewRecord, StoreNote, Written};
use spacewatch_lake::{Lake, RecordRow};
use spacewatch_model::{BucketName, ErrorCode};
use utoipa::ToSchema;

use self::question::Asking;
use crate::logs::{self, LogRecord};
use crate::{Limit, Tenant, ToolError};

pub use question::EvidenceOf;
pub use verify::{ObjectVerdict, Verification, VerifiedBundle};

/// Bytes of records and lines in one bundle: it is made in memory.
const MAX_BYTES: u64 = 64 << 20;
/// Records looked up at once.
const PAGE: usize = 2_000;

/// What an evidence bundle needs, besides the arguments of the tool whose records it shall hold.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EvidenceArgs {
    /// Whose records: `search-logs`, `object-audit` or `leaked-key`. Its own arguments follow, but for how many rows it shows: a bundle
    /// holds all of them.
    pub tool: EvidenceTool,
    /// Only so many records, the newest ones; the bundle then says that there are more. Without it, more records than a bundle holds
    /// are an error.
    #[serde(default)]
    pub max_records: Option<Limit>,
}

/// A tool whose records can be put into a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceTool {
    /// Records that fit.
    SearchLogs,
    /// Everything that happened to an object.
    ObjectAudit,
    /// Everything that a requester did since a day.
    LeakedKey,
}

/// An evidence bundle that is made. No tool like the others, as its answer is a file.
#[derive(Debug)]
pub struct EvidenceBundle {
    /// What the file may be called: letters, digits, dots and dashes only.
    pub file_name: String,
    /// The file.
    pub written: Written,
    /// Log objects whose bytes can't be checked at the store any more, each with the reason.
    pub unverifiable: Vec<(String, String)>,
}

impl EvidenceBundle {
    /// Makes a bundle of all records that a tool's arguments mean. Each log object they stand in is read once.
    ///
    /// # Errors
    ///
    /// When there are more records than a bundle holds and nobody said that fewer will do, and when log or store can't be read.
    pub async fn save(tenant: &Tenant, of: EvidenceOf, wished: Option<Limit>) -> Result<Self, ToolError> {
        let source = logs::log_source(tenant)?;
        let asking = Asking::of(tenant, of)?;
        let about = asking.source_bucket.as_ref();
        let asked = logs::ask(tenant, about, asking.window, asking.wait).await?;
        let mut gathering = Gathering {
            writer: BundleWriter::new(MAX_BYTES),
            log_bucket: &source.bucket,
            wished: wished.map(|wished| Limit::rows(Some(wished), 0, most_records())),
            truncated: false,
        };
        gathering.gather(&asked.lake, &asking).await?;
        let notes = objects::read(tenant, &source.bucket, gathering.writer.objects()).await?;
        // Reading may have taken longer than the store's yes is good for.
        tenant
            .store
            .ensure_readable(&source.bucket, &source.prefix)
            .await?;
        let created_at = tenant.now();
        let facts = Facts {
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            created_at,
            store: StoreNote {
                endpoint: tenant.store.endpoint().host().to_owned(),
                log_bucket: source.bucket.to_string(),
                log_prefix: source.prefix.to_string(),
            },
            question: asking.question.clone(),
            coverage: serde_json::to_value(&asked.coverage).unwrap_or_default(),
            truncated: gathering.truncated,
        };
        let unverifiable = notes
            .iter()
            .filter_map(|note| Some((note.key.clone(), note.unverifiable.clone()?)));
        Ok(Self {
            file_name: format!(
                "evidence-{}-{}.zip",
                asking.question.tool,
                created_at.strftime("%Y%m%dT%H%M%SZ")
            ),
            unverifiable: unverifiable.collect(),
            written: gathering.writer.finish(facts, &notes),
        })
    }
}

fn most_records() -> usize {
    usize::try_from(MAX_RECORDS).unwrap_or(usize::MAX)
}

/// Records on their way into a bundle.
struct Gathering<'a> {
    writer: BundleWriter,
    log_bucket: &'a BucketName,
    wished: Option<usize>,
    truncated: bool,
}

impl Gathering<'_> {
    /// All records that are meant, newest first.
    async fn gather(&mut self, lake: &Lake, asking: &Asking) -> Result<(), ToolError> {
        let mut after = None;
        loop {
            let page = lake.search(&asking.filter, PAGE, after.as_ref()).await?;
            for row in page.rows {
                if self.wished.is_some_and(|wished| self.writer.len() >= wished) {
                    self.truncated = true;
                    return Ok(());
                }
                self.add(row)?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    fn add(&mut self, row: RecordRow) -> Result<(), ToolError> {
        let (log_object, offset, line) = (row.log_object.clone(), row.log_offset, row.line.clone());
        let record = fields(row, self.log_bucket);
        let new = NewRecord {
            log_object: &log_object,
            offset,
            line: &line,
            record: &record,
        };
        self.writer.add(&new).map_err(too_much)
    }
}

/// What the line says. The line itself stands elsewhere in a bundle.
fn fields(row: RecordRow, log_bucket: &BucketName) -> serde_json::Value {
    let mut fields = serde_json::to_value(LogRecord::of(row, log_bucket)).unwrap_or_default();
    if let Some(fields) = fields.as_object_mut() {
        for said_elsewhere in ["raw", "raw_base64", "raw_truncated", "log_object"] {
            fields.remove(said_elsewhere);
        }
    }
    fields
}

fn too_much(full: Full) -> ToolError {
    ToolError::new(
        ErrorCode::InvalidValue,
        format!("there is more than one bundle holds: {full}"),
    )
    .with_hint("narrow the question, or say with `max_records` how many of the newest records will do")
}
