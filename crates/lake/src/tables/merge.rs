//! The rows of several files in one order, a piece at a time.
//!
//! Each file is ordered by time, so a piece of the common order takes a stretch of each. The order is made from times and hashes
//! alone (40 bytes for each row); of the rows themselves only the stretches of one piece are in memory.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_schema::SchemaRef;
use bytes::Bytes;
use futures::TryStreamExt;
use object_store::ObjectStore;
use parquet::arrow::async_reader::{ParquetObjectReader, ParquetRecordBatchStream};
use tokio_util::sync::CancellationToken;

use super::batch::blocking;
use super::files::{FileWriter, Press, internal};
use super::group::{self, Row, joined};
use super::there::{pieces, rows_of};
use super::{DataFile, Table, TableSnapshot};
use crate::LakeError;

/// Rows put in order at a time.
const PIECE_ROWS: usize = 32 * 1024;

/// Rows read at a time, of all files together.
const READ_ROWS: usize = 64 * 1024;

/// What became of the files.
pub(super) struct Merged {
    /// The bytes of a file.
    pub(super) content: Bytes,
    /// Its rows, in order.
    pub(super) rows: Vec<Row>,
}

/// Puts all rows of the files into the bytes of one; `None` when it was cancelled.
pub(super) async fn merge(
    store: &Arc<dyn ObjectStore>,
    (table, snapshot): (Table, &TableSnapshot),
    files: &[Arc<DataFile>],
    cancel: &CancellationToken,
) -> Result<Option<Merged>, LakeError> {
    let rows = match table {
        Table::Requests | Table::Cdn => by_time(store, table, files).await?,
        Table::Rejects | Table::LogObjects => as_they_stand(files),
    };
    let mut sources = Vec::new();
    for file in files {
        sources.push(
            Source::open(
                store,
                table,
                &snapshot.schema,
                file,
                READ_ROWS / files.len().max(1),
            )
            .await?,
        );
    }
    let schema = Arc::clone(&snapshot.schema);
    let mut writer = FileWriter::new(table, schema, rows.len(), Press::Well).map_err(internal)?;
    for piece in pieces(rows.len(), PIECE_ROWS) {
        if cancel.is_cancelled() {
            return Ok(None);
        }
        let piece = rows.get(piece).unwrap_or_default();
        let (places, batches) = stretches(&mut sources, piece).await?;
        writer = blocking(move || {
            let ordered = group::gather(&places, 0..places.len(), &batches).map_err(internal)?;
            writer.write(&ordered).map_err(internal)?;
            Ok(writer)
        })
        .await?;
    }
    for (source, file) in sources.iter_mut().zip(files) {
        if source.read_next().await? || u64::from(source.read) != file.rows {
            return Err(untrusted(table, "a file holds other rows than its log says"));
        }
    }
    let content = blocking(move || writer.finish().map_err(internal)).await?;
    Ok(Some(Merged { content, rows }))
}

fn untrusted(table: Table, why: &str) -> LakeError {
    LakeError::Untrusted {
        table: table.name(),
        why: why.to_owned(),
    }
}

/// The rows of all files by time; those of one time as their files come.
async fn by_time(
    store: &Arc<dyn ObjectStore>,
    table: Table,
    files: &[Arc<DataFile>],
) -> Result<Vec<Row>, LakeError> {
    let columns = ["time", "line_hash_high", "line_hash_low"];
    let foreign = || untrusted(table, "a file has other columns");
    let mut rows: Vec<Row> = Vec::new();
    for (number, file) in (0_u32..).zip(files) {
        let mut batches = rows_of(store, file, &columns, None).await?;
        let (mut row, mut last) = (0_u32, i64::MIN);
        while let Some(batch) = batches.try_next().await.map_err(internal)? {
            let column = |name: &str| batch.column_by_name(name).ok_or_else(foreign);
            let times = column("time")?.as_primitive_opt::<TimestampMicrosecondType>();
            let high = column("line_hash_high")?.as_primitive_opt::<Int64Type>();
            let low = column("line_hash_low")?.as_primitive_opt::<Int64Type>();
            let (Some(times), Some((high, low))) = (times, high.zip(low)) else {
                return Err(foreign());
            };
            for ((time, high), low) in times.values().iter().zip(high.values()).zip(low.values()) {
                if *time < last {
                    return Err(untrusted(table, "a file is not in the order of time"));
                }
                last = *time;
                let hash = joined(*high, *low);
                rows.push(Row {
                    time: *time,
                    hash,
                    batch: number,
                    row,
                });
                row = row.saturating_add(1);
            }
        }
    }
    rows.sort_unstable_by_key(|row| (row.time, row.batch, row.row));
    Ok(rows)
}

/// One file after the other.
fn as_they_stand(files: &[Arc<DataFile>]) -> Vec<Row> {
    let files = (0_u32..).zip(files).flat_map(|(batch, file)| {
        let rows = u32::try_from(file.rows).unwrap_or(u32::MAX);
        (0..rows).map(move |row| Row {
            time: 0,
            hash: 0,
            batch,
            row,
        })
    });
    files.collect()
}

/// A file that is read as far as needed.
struct Source {
    table: Table,
    batches: ParquetRecordBatchStream<ParquetObjectReader>,
    /// What was read and is still needed, each with the number of its first row.
    open: VecDeque<(u32, RecordBatch)>,
    /// How many rows were read.
    read: u32,
}

impl Source {
    async fn open(
        store: &Arc<dyn ObjectStore>,
        table: Table,
        schema: &SchemaRef,
        file: &DataFile,
        batch_rows: usize,
    ) -> Result<Self, LakeError> {
        let columns: Vec<&str> = schema
            .fields()
            .iter()
            .map(|field| field.name().as_str())
            .collect();
        let batches = super::there::open(store, file).await?;
        let mask = parquet::arrow::ProjectionMask::columns(batches.parquet_schema(), columns);
        let batches = batches
            .with_projection(mask)
            .with_batch_size(batch_rows.max(256))
            .build()
            .map_err(internal)?;
        let kinds = |schema: &SchemaRef| -> Vec<_> {
            let fields = schema.fields().iter();
            fields
                .map(|field| (field.name().clone(), field.data_type().clone()))
                .collect()
        };
        if kinds(batches.schema()) != kinds(schema) {
            return Err(untrusted(table, "a file has other columns"));
        }
        Ok(Self {
            table,
            batches,
            open: VecDeque::new(),
            read: 0,
        })
    }

    /// Reads on; false at the end of the file.
    async fn read_next(&mut self) -> Result<bool, LakeError> {
        let Some(batch) = self.batches.try_next().await.map_err(internal)? else {
            return Ok(false);
        };
        let rows = u32::try_from(batch.num_rows()).unwrap_or(u32::MAX);
        self.open.push_back((self.read, batch));
        self.read = self.read.saturating_add(rows);
        Ok(true)
    }

    /// Has the rows of this stretch open, and lets go of those before it.
    async fn go_to(&mut self, (first, last): (u32, u32)) -> Result<(), LakeError> {
        while self.read <= last {
            if !self.read_next().await? {
                return Err(untrusted(self.table, "a file holds other rows than its log says"));
            }
        }
        while self.open.get(1).is_some_and(|(start, _)| *start <= first) {
            self.open.pop_front();
        }
        Ok(())
    }
}

/// The batches in which rows stand, and where in them.
async fn stretches(sources: &mut [Source], rows: &[Row]) -> Result<(Vec<Row>, Vec<RecordBatch>), LakeError> {
    let mut needed: Vec<Option<(u32, u32)>> = vec![None; sources.len()];
    let at = |row: &Row| usize::try_from(row.batch).unwrap_or(usize::MAX);
    for row in rows {
        if let Some(stretch) = needed.get_mut(at(row)) {
            let (first, _) = stretch.unwrap_or((row.row, row.row));
            *stretch = Some((first, row.row));
        }
    }
    let mut batches = Vec::new();
    // For each file: of each of its open batches the first row, and its number among all.
    let mut open: Vec<Vec<(u32, u32)>> = Vec::new();
    for (source, stretch) in sources.iter_mut().zip(needed) {
        let mut starts = Vec::new();
        if let Some(stretch) = stretch {
            source.go_to(stretch).await?;
            for (start, batch) in &source.open {
                starts.push((*start, u32::try_from(batches.len()).unwrap_or(u32::MAX)));
                batches.push(batch.clone());
            }
        }
        open.push(starts);
    }
    let places = rows.iter().map(|row| {
        let starts = open.get(at(row)).map_or(&[][..], Vec::as_slice);
        let before = starts.partition_point(|(start, _)| *start <= row.row);
        let found = starts.get(before.saturating_sub(1));
        let (start, batch) = found.copied().unwrap_or((0, u32::MAX));
        Row {
            batch,
            row: row.row.saturating_sub(start),
            ..*row
        }
    });
    Ok((places.collect(), batches))
}
