//! A table of a snapshot, as the engine reads it.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, StringArray, TimestampMicrosecondArray, UInt64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::config::TableParquetOptions;
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::stats::Precision;
use datafusion::common::{Column, DFSchema, Result, ScalarValue, Statistics};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;

use super::footers::{Footers, Readers};
use super::session::lake_url;
use crate::tables::{DataFile, LakeSnapshot, TableSnapshot};

/// Lists of values up to this long decide which files, row groups and pages are read.
pub(super) const LONGEST_LIST: usize = 256;

/// A table of a snapshot, or some of its files.
#[derive(Debug)]
pub(super) struct LakeTable {
    schema: SchemaRef,
    files: Vec<Arc<DataFile>>,
    readers: Arc<Readers>,
}

impl LakeTable {
    /// The whole table.
    pub(super) fn new(snapshot: &LakeSnapshot, table: &TableSnapshot, footers: &Arc<Footers>) -> Self {
        Self {
            schema: as_views(&table.schema),
            files: table.files.to_vec(),
            readers: Arc::new(Readers {
                store: Arc::clone(&snapshot.store),
                footers: Arc::clone(footers),
            }),
        }
    }

    /// The same table, but only these files of it.
    pub(super) fn with_files(&self, files: Vec<Arc<DataFile>>) -> Self {
        Self {
            schema: Arc::clone(&self.schema),
            files,
            readers: Arc::clone(&self.readers),
        }
    }

    fn parquet(&self) -> ParquetSource {
        let mut options = TableParquetOptions::default();
        options.global.pushdown_filters = true;
        options.global.reorder_filters = true;
        options.global.enable_page_index = true;
        options.global.bloom_filter_on_read = true;
        options.global.max_in_list_size = LONGEST_LIST;
        ParquetSource::new(Arc::clone(&self.schema))
            .with_table_parquet_options(options)
            .with_parquet_file_reader_factory(Arc::<Readers>::clone(&self.readers))
    }

    /// The files that may hold rows for which `filters` hold.
    fn prune(&self, state: &dyn Session, filters: &[Expr]) -> Result<Vec<Arc<DataFile>>> {
        let Some(filter) = conjunction(filters.iter().cloned()) else {
            return Ok(self.files.clone());
        };
        let schema = DFSchema::try_from(Arc::clone(&self.schema))?;
        let predicate = state.create_physical_expr(filter, &schema)?;
        let predicate = PruningPredicateBuilder::new()
            .with_file_schema(Arc::clone(&self.schema))
            .with_max_in_list_size(LONGEST_LIST)
            .try_build(predicate);
        let kept = match predicate {
            Ok(predicate) => predicate.prune(&FileStatistics { files: &self.files })?,
            // What says nothing about buckets and times prunes nothing.
            Err(_) => return Ok(self.files.clone()),
        };
        let files = self.files.iter().zip(kept);
        Ok(files
            .filter(|(_, kept)| *kept)
            .map(|(file, _)| Arc::clone(file))
            .collect())
    }

    fn partitioned(&self, file: &DataFile) -> PartitionedFile {
        let mut statistics = Statistics::new_unknown(&self.schema);
        let rows = usize::try_from(file.rows).unwrap_or(usize::MAX);
        statistics.num_rows = Precision::Exact(rows);
        if let (Some((first, last)), Ok(time)) = (file.times, self.schema.index_of("time"))
            && let Some(column) = statistics.column_statistics.get_mut(time)
        {
            let moment = |micros| ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into()));
            column.min_value = Precision::Inexact(moment(first));
            column.max_value = Precision::Inexact(moment(last));
        }
        let mut partitioned = PartitionedFile::new(String::new(), file.bytes);
        partitioned.object_meta.location = file.path.clone();
        partitioned.arrow_schema = Some(Arc::clone(&self.schema));
        partitioned.statistics = Some(Arc::new(statistics));
        partitioned
    }
}

#[async_trait]
impl TableProvider for LakeTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        // The physical plan pushes them further into the files, and keeps what can't go there.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut files = self.prune(state, filters)?;
        if files.is_empty() {
            let schema = match projection {
                Some(columns) => Arc::new(self.schema.project(columns)?),
                None => Arc::clone(&self.schema),
            };
            return Ok(Arc::new(EmptyExec::new(schema)));
        }
        // Large files first, so that no core is left alone with the largest at the end.
        files.sort_by_key(|file| std::cmp::Reverse(file.bytes));
        let cores = state.config().target_partitions().max(1);
        let mut groups = vec![Vec::new(); cores.min(files.len())];
        let mut statistics = Statistics::new_unknown(&self.schema);
        let rows: u64 = files.iter().map(|file| file.rows).sum();
        statistics.num_rows = Precision::Exact(usize::try_from(rows).unwrap_or(usize::MAX));
        let count = groups.len();
        for (place, file) in files.iter().enumerate() {
            if let Some(group) = groups.get_mut(place % count) {
                group.push(self.partitioned(file));
            }
        }
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::parse(lake_url())?, Arc::new(self.parquet()))
            .with_file_groups(groups.into_iter().map(FileGroup::new).collect())
            .with_statistics(statistics)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}

/// What is known of files before they are opened.
struct FileStatistics<'a> {
    files: &'a [Arc<DataFile>],
}

impl FileStatistics<'_> {
    fn bounds(&self, column: &Column, end: fn((i64, i64)) -> i64) -> Option<ArrayRef> {
        match column.name() {
            "time" => {
                let times = self.files.iter().map(|file| file.times.map(end));
                let times: TimestampMicrosecondArray = times.collect();
                Some(Arc::new(times.with_timezone("UTC")))
            }
            "bucket" => {
                let buckets = self.files.iter().map(|file| file.bucket.as_deref());
                Some(Arc::new(buckets.collect::<StringArray>()))
            }
            _ => None,
        }
    }
}

impl PruningStatistics for FileStatistics<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.bounds(column, |(first, _)| first)
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.bounds(column, |(_, last)| last)
    }

    fn num_containers(&self) -> usize {
        self.files.len()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        if column.name() != "bucket" {
            return None;
        }
        // A file holds one bucket, or rows without any.
        let nulls = self.files.iter().map(|file| match file.bucket {
            Some(_) => 0,
            None => file.rows,
        });
        Some(Arc::new(nulls.collect::<UInt64Array>()))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        Some(Arc::new(
            self.files.iter().map(|file| file.rows).collect::<UInt64Array>(),
        ))
    }

    fn contained(&self, _column: &Column, _values: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}

/// The same columns with texts and bytes as views, which aggregates and filters handle without copying.
pub(super) fn as_views(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| {
        let kind = view_of(field.data_type());
        Field::new(field.name(), kind, field.is_nullable())
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn view_of(kind: &DataType) -> DataType {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
        DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
        DataType::Dictionary(_, words) => view_of(words),
        other => other.clone(),
    }
}
