//! All rows of an inventory, for other programs.

use std::io::{self, Write};

use arrow_array::RecordBatch;
use bytes::Bytes;
use futures::Stream;
use serde::{Deserialize, Serialize};
use spacewatch_model::Timestamp;
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::{Source, Waiting};
use crate::InventoryError;
use crate::columns::Builder;
use crate::entry::{Row, timestamp};
use crate::files::FileWriter;
use crate::summary::COLUMNS;

/// Bytes that are sent at a time.
const CHUNK: usize = 64 * 1024;

/// Chunks that wait for whoever reads.
const WAITING_CHUNKS: usize = 4;

/// Rows that become columns together.
const BATCH_ROWS: usize = 8 * 1024;

/// As what rows are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Comma-separated, with a head line. Text that a spreadsheet would take for a formula begins with `'`.
    #[default]
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// The columns of the table.
    Parquet,
}

impl ExportFormat {
    /// What files of this kind are called.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        }
    }

    /// Their media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Jsonl => "application/x-ndjson",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// The rows, piece by piece; writing waits for whoever reads, and ends when nobody does.
pub(crate) fn export(
    source: Source,
    format: ExportFormat,
) -> impl Stream<Item = Result<Bytes, InventoryError>> + Send + 'static {
    let (sender, receiver) = mpsc::channel(WAITING_CHUNKS);
    let waiting = source.waiting.clone();
    let work = tokio::task::spawn_blocking(move || {
        let into = Chunks {
            buffer: Vec::with_capacity(CHUNK),
            sender: sender.clone(),
            waiting: source.waiting.clone(),
        };
        if let Err(error) = write(&source, format, into)
            && !source.waiting.is_over()
        {
            // Nobody left to be told is fine.
            let _ = sender.blocking_send(Err(error));
        }
    });
    futures::stream::unfold(
        (receiver, work, super::Leaving(waiting)),
        |(mut receiver, work, leaving)| async move {
            let chunk = receiver.recv().await?;
            Some((chunk, (receiver, work, leaving)))
        },
    )
}

fn write(source: &Source, format: ExportFormat, into: Chunks) -> Result<(), InventoryError> {
    match format {
        ExportFormat::Csv => write_text(source, into, CSV_HEAD, write_csv),
        ExportFormat::Jsonl => write_text(source, into, "", write_json),
        ExportFormat::Parquet => write_parquet(source, into),
    }
}

fn write_text(
    source: &Source,
    mut into: Chunks,
    head: &str,
    line: fn(&mut Chunks, &Row<'_>) -> io::Result<()>,
) -> Result<(), InventoryError> {
    let mut written = into.write_all(head.as_bytes());
    source.each(&COLUMNS, |row| {
        if written.is_ok() {
            written = line(&mut into, row);
        }
    })?;
    written
        .and_then(|()| into.flush())
        .map_err(InventoryError::internal)
}

fn write_parquet(source: &Source, into: Chunks) -> Result<(), InventoryError> {
    let mut writer = FileWriter::new(into)?;
    let mut builder = Builder::new();
    let mut written: Result<(), InventoryError> = Ok(());
    let mut write = |batch: Result<RecordBatch, InventoryError>| writer.write(&batch?);
    source.each(&COLUMNS, |row| {
        if written.is_ok() {
            builder.push(row);
            if builder.rows() >= BATCH_ROWS {
                written = write(builder.finish());
            }
        }
    })?;
    written?;
    write(builder.finish())?;
    writer.finish()?.flush().map_err(InventoryError::internal)
}

const CSV_HEAD: &str =
    "key,kind,is_latest,version_id,size,last_modified,etag,storage_class,parts,drop_after_days\r\n";

fn write_csv(out: &mut Chunks, row: &Row<'_>) -> io::Result<()> {
    field(out, row.key)?;
    write!(out, ",{},{},", row.kind.as_str(), row.is_latest)?;
    field(out, row.version_id.unwrap_or_default())?;
    write!(out, ",{},", row.size)?;
    if let Some(modified) = timestamp(row.modified) {
        write!(out, "{modified}")?;
    }
    for text in [row.etag, row.storage_class] {
        out.write_all(b",")?;
        field(out, text.unwrap_or_default())?;
    }
    out.write_all(b",")?;
    row.parts.map_or(Ok(()), |parts| write!(out, "{parts}"))?;
    out.write_all(b",")?;
    row.drop_after_days.map_or(Ok(()), |days| write!(out, "{days}"))?;
    out.write_all(b"\r\n")
}

/// One field. Spreadsheets run what begins like a formula, so such text gets a `'` before it.
fn field(out: &mut impl Write, text: &str) -> io::Result<()> {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    if !formula && !text.contains([',', '"', '\n', '\r']) && !text.starts_with(' ') && !text.ends_with(' ') {
        return out.write_all(text.as_bytes());
    }
    out.write_all(if formula { b"\"'" } else { b"\"" })?;
    for (number, piece) in text.split('"').enumerate() {
        if number > 0 {
            out.write_all(b"\"\"")?;
        }
        out.write_all(piece.as_bytes())?;
    }
    out.write_all(b"\"")
}

#[derive(Serialize)]
struct Line<'a> {
    key: &'a str,
    kind: &'a str,
    is_latest: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<&'a str>,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_modified: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    storage_class: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drop_after_days: Option<u32>,
}

fn write_json(out: &mut Chunks, row: &Row<'_>) -> io::Result<()> {
    let line = Line {
        key: row.key,
        kind: row.kind.as_str(),
        is_latest: row.is_latest,
        version_id: row.version_id,
        size: row.size,
        last_modified: timestamp(row.modified),
        etag: row.etag,
        storage_class: row.storage_class,
        parts: row.parts,
        drop_after_days: row.drop_after_days,
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")
}

/// Sends what is written, a chunk at a time.
struct Chunks {
    buffer: Vec<u8>,
    sender: mpsc::Sender<Result<Bytes, InventoryError>>,
    waiting: Waiting,
}

impl Chunks {
    fn send(&mut self) -> io::Result<()> {
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK));
        if chunk.is_empty() {
            return Ok(());
        }
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        if self.waiting.is_over() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.sender.blocking_send(Ok(chunk.into())).map_err(gone)
    }
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let mut out = Vec::new();
        field(&mut out, text).expect("memory");
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }

    #[test]
    fn fields() {
        check("a/b.txt", "a/b.txt");
        check("a,b", "\"a,b\"");
        check("say \"hi\"", "\"say \"\"hi\"\"\"");
        check("a\r\nb", "\"a\r\nb\"");
        check("=1+1", "\"'=1+1\"");
        check("@x", "\"'@x\"");
        check("-5", "\"'-5\"");
        check(" x", "\" x\"");
    }
}
