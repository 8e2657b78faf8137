//! Reads Parquet files out of a lake's store, and keeps their footers between questions.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::ParquetFileReaderFactory;
use datafusion::execution::cache::lru_queue::LruQueue;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::FutureExt;
use futures::future::BoxFuture;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};

/// What is fetched from a file's end at once. Footers with their page indexes are a few dozen KiB.
const FOOTER_PREFETCH: usize = 128 * 1024;

/// The footers of a lake's files with their page indexes, the least recently used of them forgotten. Files are never rewritten in
/// place, so a footer stays true as long as its path.
pub(crate) struct Footers {
    limit: usize,
    kept: Mutex<Kept>,
}

struct Kept {
    bytes: usize,
    footers: LruQueue<Path, Arc<ParquetMetaData>>,
}

impl Footers {
    /// At most so many bytes of them.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            kept: Mutex::new(Kept {
                bytes: 0,
                footers: LruQueue::new(),
            }),
        }
    }

    fn get(&self, path: &Path) -> Option<Arc<ParquetMetaData>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.footers.get(path).cloned()
    }

    fn put(&self, path: &Path, footer: &Arc<ParquetMetaData>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bytes = kept.bytes.saturating_add(footer.memory_size());
        if let Some(old) = kept.footers.put(path.clone(), Arc::clone(footer)) {
            kept.bytes = kept.bytes.saturating_sub(old.memory_size());
        }
        while kept.bytes > self.limit {
            let Some((_, old)) = kept.footers.pop() else {
                return;
            };
            kept.bytes = kept.bytes.saturating_sub(old.memory_size());
        }
    }
}

impl fmt::Debug for Footers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Footers").finish_non_exhaustive()
    }
}

/// Opens the files of one store.
#[derive(Debug)]
pub(super) struct Readers {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) footers: Arc<Footers>,
}

impl ParquetFileReaderFactory for Readers {
    fn create_reader(
        &self,
        _partition: usize,
        file: PartitionedFile,
        _hint: Option<usize>,
        _metrics: &ExecutionPlanMetricsSet,
    ) -> datafusion::error::Result<Box<dyn AsyncFileReader + Send>> {
        Ok(Box::new(Reader {
            store: Arc::clone(&self.store),
            footers: Arc::clone(&self.footers),
            size: file.object_meta.size,
            path: file.object_meta.location,
        }))
    }
}

struct Reader {
    store: Arc<dyn ObjectStore>,
    footers: Arc<Footers>,
    path: Path,
    size: u64,
}

fn failed(error: object_store::Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}

impl AsyncFileReader for Reader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, parquet::errors::Result<Bytes>> {
        async move { self.store.get_range(&self.path, range).await.map_err(failed) }.boxed()
    }

    fn get_byte_ranges(
        &mut self,
        ranges: Vec<Range<u64>>,
    ) -> BoxFuture<'_, parquet::errors::Result<Vec<Bytes>>> {
        async move {
            let fetched = self.store.get_ranges(&self.path, &ranges).await;
            fetched.map_err(failed)
        }
        .boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, parquet::errors::Result<Arc<ParquetMetaData>>> {
        async move {
            if let Some(footer) = self.footers.get(&self.path) {
                return Ok(footer);
            }
            let size = self.size;
            let reader = ParquetMetaDataReader::new()
                .with_prefetch_hint(Some(FOOTER_PREFETCH))
                .with_page_index_policy(PageIndexPolicy::Optional);
            let footer = Arc::new(reader.load_and_finish(&mut *self, size).await?);
            self.footers.put(&self.path, &footer);
            Ok(footer)
        }
        .boxed()
    }
}
