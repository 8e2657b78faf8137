//! A batch on its way into the tables.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::RecordBatch;
use bytes::Bytes;
use object_store::ObjectStore;
use spacewatch_delta::{NewFile, Statistics};
use tokio::task::JoinSet;

use super::batch_file::BatchFile;
use super::fault::FaultPoint;
use super::files::{FileWriter, Press, ROW_GROUP_ROWS, internal};
use super::group::{self, Group, Lines};
use super::there::{self, Hashes};
use super::{DataFile, LogObject, RejectedLine, Table, Writer, entry};
use crate::LakeError;

/// Files written at the same time.
const AT_ONCE: usize = 2;

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;

/// A batch on its way: nothing of it shows before it is committed, and all of it at once then.
pub(crate) struct BatchWriter<'a> {
    writer: &'a mut Writer,
    number: u64,
    files: Vec<(Table, NewFile)>,
}

/// What a batch brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Committed {
    /// Its number.
    pub(crate) batch: u64,
    /// Files it added.
    pub(crate) files: usize,
}

impl<'a> BatchWriter<'a> {
    pub(super) fn new(writer: &'a mut Writer, number: u64) -> Self {
        Self {
            writer,
            number,
            files: Vec::new(),
        }
    }

    /// Writes rows of `requests` and `cdn`, without those whose line is there already. Says of which log objects rows were left out, and
    /// how many. May be called again and again, so that a batch can be larger than memory.
    pub(crate) async fn write(
        &mut self,
        requests: Vec<RecordBatch>,
        cdn: Vec<RecordBatch>,
    ) -> Result<HashMap<String, u64>, LakeError> {
        let mut duplicates = HashMap::new();
        for (table, batches) in [(Table::Requests, requests), (Table::Cdn, cdn)] {
            if batches.iter().any(|batch| batch.num_rows() > 0) {
                self.write_table(table, batches, &mut duplicates).await?;
            }
        }
        Ok(duplicates)
    }

    async fn write_table(
        &mut self,
        table: Table,
        batches: Vec<RecordBatch>,
        duplicates: &mut HashMap<String, u64>,
    ) -> Result<(), LakeError> {
        let batches: Arc<[RecordBatch]> = batches.into();
        let there = self.there(table).await?;
        let rows = Arc::clone(&batches);
        let groups = blocking(move || group::split(&rows).map_err(internal)).await?;
        let mut tasks: JoinSet<Result<Written, LakeError>> = JoinSet::new();
        for group in groups {
            if tasks.len() >= AT_ONCE {
                self.collect(table, &mut tasks, duplicates).await?;
            }
            self.writer.keep().await?;
            let group = self.once(table, group, &there, &batches).await?;
            tasks.spawn(write_group(
                Arc::clone(self.writer.tables.store()),
                table,
                group,
                Arc::clone(&batches),
            ));
        }
        while !tasks.is_empty() {
            self.collect(table, &mut tasks, duplicates).await?;
        }
        Ok(())
    }

    /// The files of the table that are there already, those of this batch as well.
    async fn there(&self, table: Table) -> Result<Vec<Arc<DataFile>>, LakeError> {
        let snapshot = self.writer.tables.snapshot().await?;
        let mut files = snapshot.table(table).files.to_vec();
        let own = self.files.iter().filter(|(of, _)| *of == table);
        files.extend(own.map(|(_, file)| DataFile::of(&file.file())));
        Ok(files)
    }

    /// The group without the rows whose lines are there already.
    async fn once(
        &self,
        table: Table,
        mut group: Group,
        there: &[Arc<DataFile>],
        batches: &Arc<[RecordBatch]>,
    ) -> Result<Group, LakeError> {
        let Some(times) = group::times(&group.rows) else {
            return Ok(group);
        };
        let (mut lines, group_back) = blocking(move || {
            let lines = Lines::of(&group);
            Ok((lines, group))
        })
        .await?;
        group = group_back;
        for file in there {
            let same = table == Table::Cdn || file.bucket == group.bucket;
            if same && file.times.is_some_and(|span| there::overlap(span, times)) {
                let (store, hashes) = (self.writer.tables.store(), &self.writer.hashes);
                there::mark(store, hashes, file, times, &mut lines).await?;
            }
        }
        let batches = Arc::clone(batches);
        blocking(move || {
            lines.leave_out(&mut group, &batches).map_err(internal)?;
            Ok(group)
        })
        .await
    }

    async fn collect(
        &mut self,
        table: Table,
        tasks: &mut JoinSet<Result<Written, LakeError>>,
        duplicates: &mut HashMap<String, u64>,
    ) -> Result<(), LakeError> {
        let Some(written) = tasks.join_next().await else {
            return Ok(());
        };
        let written = written.map_err(internal)??;
        for (object, count) in written.duplicates {
            let sum = duplicates.entry(object).or_default();
            *sum = sum.saturating_add(count);
        }
        if let Some((file, hashes)) = written.file {
            self.writer.hashes.keep(file.file().path, Arc::new(hashes));
            self.files.push((table, file));
        }
        Ok(())
    }

    /// Makes the batch a part of the lake: what was written, the log objects it came from, and what was rejected in them.
    ///
    /// After an error the batch may still be in the lake: it is once it was recorded. [`Writer::begin`] settles that;
    /// [`Writer::known_objects`] tells then which log objects were read.
    pub(crate) async fn commit(
        mut self,
        objects: &[LogObject],
        rejects: &[RejectedLine],
    ) -> Result<Committed, LakeError> {
        let now = self.writer.tables.clock().now();
        if !objects.is_empty() {
            let rows = entry::log_object_rows(objects, self.number, now).map_err(internal)?;
            self.write_small(Table::LogObjects, statistics_of(&rows), rows)
                .await?;
        }
        if !rejects.is_empty() {
            let rows = entry::reject_rows(rejects, now).map_err(internal)?;
            let seen = (now.as_microsecond(), now.as_microsecond());
            let statistics = statistics_of(&rows).with_times("seen_at", seen);
            self.write_small(Table::Rejects, statistics, rows).await?;
        }
        let mut batch = BatchFile::new(self.number);
        for (table, file) in &self.files {
            batch.push(*table, file.add(now, true)?);
        }
        self.writer.keep().await?;
        let store = Arc::clone(self.writer.tables.store());
        self.writer.unsettled = true;
        batch.record(store.as_ref()).await?;
        self.writer.tables.fault(FaultPoint::BatchRecorded)?;
        self.writer.tables.commit_batch(&batch).await?;
        self.writer.tables.fault(FaultPoint::BatchUnmarked)?;
        batch.mark_done(store.as_ref()).await?;
        objects
            .iter()
            .for_each(|object| self.writer.known.insert(object.id()));
        self.writer.unsettled = false;
        Ok(Committed {
            batch: self.number,
            files: self.files.len(),
        })
    }

    async fn write_small(
        &mut self,
        table: Table,
        statistics: Statistics,
        rows: RecordBatch,
    ) -> Result<(), LakeError> {
        let content = blocking(move || encode(table, &[rows]).map_err(internal)).await?;
        let store = self.writer.tables.store();
        let file = NewFile::write(store.as_ref(), table.name(), statistics, content).await?;
        self.files.push((table, file));
        Ok(())
    }
}

fn statistics_of(rows: &RecordBatch) -> Statistics {
    Statistics::new(u64::try_from(rows.num_rows()).unwrap_or(u64::MAX))
}

/// What became of a group.
struct Written {
    file: Option<(NewFile, Hashes)>,
    duplicates: HashMap<String, u64>,
}

async fn write_group(
    store: Arc<dyn ObjectStore>,
    table: Table,
    group: Group,
    batches: Arc<[RecordBatch]>,
) -> Result<Written, LakeError> {
    let duplicates = group.duplicates.clone();
    let Some(times) = group::times(&group.rows) else {
        return Ok(Written {
            file: None,
            duplicates,
        });
    };
    if times.0.div_euclid(DAY) != times.1.div_euclid(DAY) || times.0.div_euclid(DAY) != i64::from(group.day) {
        return Err(LakeError::Internal(
            "a record's date is not the day of its time".to_owned(),
        ));
    }
    let mut statistics =
        Statistics::new(u64::try_from(group.rows.len()).unwrap_or(u64::MAX)).with_times("time", times);
    if table == Table::Requests {
        statistics = statistics.with_text("bucket", group.bucket.as_deref());
    }
    let (content, hashes) = blocking(move || {
        let content = encode_group(table, &group, &batches).map_err(internal)?;
        Ok((content, Hashes::of(&group.rows)))
    })
    .await?;
    let file = NewFile::write(store.as_ref(), table.name(), statistics, content).await?;
    Ok(Written {
        file: Some((file, hashes)),
        duplicates,
    })
}

fn encode_group(
    table: Table,
    group: &Group,
    batches: &[RecordBatch],
) -> Result<Bytes, parquet::errors::ParquetError> {
    let schema = super::schema::in_memory(batches)?;
    let mut file = FileWriter::new(table, schema, group.rows.len(), Press::Quickly)?;
    for piece in there::pieces(group.rows.len(), ROW_GROUP_ROWS / 4) {
        file.write(&group::gather(&group.rows, piece, batches)?)?;
    }
    file.finish()
}

fn encode(table: Table, batches: &[RecordBatch]) -> Result<Bytes, parquet::errors::ParquetError> {
    let rows = batches.iter().map(RecordBatch::num_rows).sum();
    let schema = super::schema::in_memory(batches)?;
    let mut file = FileWriter::new(table, schema, rows, Press::Quickly)?;
    for batch in batches {
        file.write(batch)?;
    }
    file.finish()
}

/// Work for the processor, away from the threads that wait for others.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LakeError> + Send + 'static,
) -> Result<T, LakeError> {
    tokio::task::spawn_blocking(work).await.map_err(internal)?
}
