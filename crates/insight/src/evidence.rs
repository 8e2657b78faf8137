//! Records as evidence: a bundle that can be checked again, and the check.

mod finding;
mod objects;
mod question;
mod verify;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use spacewatch_evidence::{
    BundleWriter, Facts, Full, MAX_RECORDS, NewRecord, ObjectNote, StoreNote, Written,
};
use spacewatch_lake::{Lake, Position, RecordFilter, RecordRow};
use spacewatch_model::{BucketName, ErrorCode};
use utoipa::ToSchema;

use self::finding::Shown;
use self::question::{Asking, InLog};
use crate::logs::{self, LogRecord};
use crate::{Limit, Tenant, ToolError};

pub use finding::FindingEvidenceArgs;
pub use question::EvidenceOf;
pub use verify::{ObjectVerdict, Verification, VerifiedBundle};

/// Bytes of records and lines in one bundle: it is made in memory.
const MAX_BYTES: u64 = 64 << 20;
/// Records looked up at once.
const PAGE: usize = 2_000;

/// What an evidence bundle needs, besides the arguments of the tool whose records it shall hold.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EvidenceArgs {
    /// Whose records: `search-logs`, `object-audit`, `leaked-key` or `finding`. Its own arguments follow, but for how many rows it shows: a bundle
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
    /// What shows a finding.
    Finding,
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
    /// Makes a bundle of all records that a tool's arguments mean, or that show a finding. Each log object they stand in is read once.
    ///
    /// # Errors
    ///
    /// When there are more records than a bundle holds and nobody said that fewer will do, when a finding doesn't come out, and when log
    /// or store can't be read.
    pub async fn save(tenant: &Tenant, of: EvidenceOf, wished: Option<Limit>) -> Result<Self, ToolError> {
        let asking = Box::pin(Asking::of(tenant, of)).await?;
        let mut gathering = Gathering {
            writer: BundleWriter::new(MAX_BYTES),
            wished: wished.map(|wished| Limit::rows(Some(wished), 0, most_records())),
            truncated: false,
        };
        if let Some(Shown { finding, setting }) = &asking.shown {
            let added = gathering.writer.about(finding, setting.as_ref());
            added.map_err(too_much)?;
        }
        let mut store = StoreNote {
            endpoint: tenant.store.endpoint().host().to_owned(),
            log_bucket: String::new(),
            log_prefix: String::new(),
        };
        let (mut coverage, mut notes) = (serde_json::Value::Null, Vec::new());
        if let Some(in_log) = &asking.in_log {
            let source = logs::log_source(tenant)?;
            let asked = logs::ask(tenant, in_log.source_bucket.as_ref(), in_log.window, in_log.wait).await?;
            gathering.gather(&asked.lake, &source.bucket, in_log).await?;
            notes = objects::read(tenant, &source.bucket, gathering.writer.objects()).await?;
            // Reading may have taken longer than the store's yes is good for.
            tenant
                .store
                .ensure_readable(&source.bucket, &source.prefix)
                .await?;
            coverage = serde_json::to_value(&asked.coverage).unwrap_or_default();
            store.log_bucket = source.bucket.to_string();
            store.log_prefix = source.prefix.to_string();
        }
        let facts = Facts {
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            created_at: tenant.now(),
            store,
            question: asking.question,
            coverage,
            truncated: gathering.truncated,
        };
        Ok(Self::of(facts, gathering.writer, &notes))
    }

    fn of(facts: Facts, writer: BundleWriter, notes: &[ObjectNote]) -> Self {
        let unverifiable = notes
            .iter()
            .filter_map(|note| Some((note.key.clone(), note.unverifiable.clone()?)));
        Self {
            file_name: format!(
                "evidence-{}-{}.zip",
                facts.question.tool,
                facts.created_at.strftime("%Y%m%dT%H%M%SZ")
            ),
            unverifiable: unverifiable.collect(),
            written: writer.finish(facts, notes),
        }
    }
}

fn most_records() -> usize {
    usize::try_from(MAX_RECORDS).unwrap_or(usize::MAX)
}

/// Records on their way into a bundle.
struct Gathering {
    writer: BundleWriter,
    wished: Option<usize>,
    truncated: bool,
}

impl Gathering {
    /// All records that are meant, newest first: several questions' records are merged, and each counts once.
    async fn gather(
        &mut self,
        lake: &Lake,
        log_bucket: &BucketName,
        in_log: &InLog,
    ) -> Result<(), ToolError> {
        let mut streams = Vec::new();
        for filter in &in_log.filters {
            streams.push(Pages::open(lake, filter).await?);
        }
        while let Some(newest) = newest(&streams) {
            let Some(stream) = streams.get_mut(newest) else {
                return Ok(());
            };
            let Some(row) = stream.next(lake).await? else {
                continue;
            };
            if self.writer.holds(&row.log_object, row.log_offset) {
                continue;
            }
            if self.wished.is_some_and(|wished| self.writer.len() >= wished) {
                self.truncated = true;
                return Ok(());
            }
            self.add(row, log_bucket)?;
        }
        Ok(())
    }

    fn add(&mut self, row: RecordRow, log_bucket: &BucketName) -> Result<(), ToolError> {
        let (log_object, offset, line) = (row.log_object.clone(), row.log_offset, row.line.clone());
        let record = fields(row, log_bucket);
        let new = NewRecord {
            log_object: &log_object,
            offset,
            line: &line,
            record: &record,
        };
        self.writer.add(&new).map_err(too_much)
    }
}

/// The records of one question, a page at a time.
struct Pages<'a> {
    filter: &'a RecordFilter,
    rows: VecDeque<RecordRow>,
    after: Option<Position>,
}

impl<'a> Pages<'a> {
    async fn open(lake: &Lake, filter: &'a RecordFilter) -> Result<Self, ToolError> {
        let page = lake.search(filter, PAGE, None).await?;
        Ok(Self {
            filter,
            rows: page.rows.into(),
            after: page.next,
        })
    }

    /// The next record; the page behind is there before anybody looks for its first one.
    async fn next(&mut self, lake: &Lake) -> Result<Option<RecordRow>, ToolError> {
        let next = self.rows.pop_front();
        if self.rows.is_empty()
            && let Some(after) = self.after.take()
        {
            let page = lake.search(self.filter, PAGE, Some(&after)).await?;
            self.rows = page.rows.into();
            self.after = page.next;
        }
        Ok(next)
    }
}

/// Whose next record is the newest.
fn newest(streams: &[Pages<'_>]) -> Option<usize> {
    let heads = streams.iter().enumerate().filter_map(|(place, stream)| {
        let row = stream.rows.front()?;
        Some(((row.time, &row.log_object, row.log_offset), place))
    });
    heads.max().map(|(_, place)| place)
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
